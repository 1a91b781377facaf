"""Parquet with typed columns: an execution a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from foundation.downloads import parquet
from history.export.columns import COLUMNS
from history.export.format import Format, Row


def write(session: dict[str, Any], rows: Iterable[Row]) -> Iterator[bytes]:
    """The executions; the session is named in the file's schema."""
    return parquet.written(COLUMNS, rows, {"session": str(session["name"])})


PARQUET: Final = Format("parquet", "application/vnd.apache.parquet", ".parquet", write)
