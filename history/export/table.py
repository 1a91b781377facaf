"""CSV: an execution a line, safe to open in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from foundation.downloads import spreadsheet
from history.export.columns import COLUMNS
from history.export.format import Format, Row


def write(session: dict[str, Any], rows: Iterable[Row]) -> Iterator[bytes]:
    """A header, and a line an execution."""
    return spreadsheet.written(COLUMNS, rows)


CSV: Final = Format("csv", "text/csv; charset=utf-8", ".csv", write)
