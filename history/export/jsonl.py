"""JSON Lines: a PromptExecution a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from foundation.rest.rendering import dumps
from history.export.format import Format, Row


def write(session: dict[str, Any], rows: Iterable[Row]) -> Iterator[bytes]:
    """The executions; the session itself is not in this format."""
    for row in rows:
        yield dumps(row) + b"\n"


JSONL: Final = Format("jsonl", "application/jsonl", ".jsonl", write)
