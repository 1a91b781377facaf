"""The bundle: the whole session as one JSON document, and what the import takes back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from foundation.rest.rendering import dumps
from history.export.format import Format, Row

FORMAT_NAME: Final = "llm-playground-session"
VERSION: Final = 1


def write(session: dict[str, Any], rows: Iterable[Row]) -> Iterator[bytes]:
    """`{"format", "version", "session", "executions": [...]}`, an execution a line."""
    head = dumps({"format": FORMAT_NAME, "version": VERSION, "session": session})
    yield head[:-1] + b',"executions":['
    separator = b"\n"
    for row in rows:
        yield separator + dumps(row)
        separator = b",\n"
    yield b"\n]}\n"


BUNDLE: Final = Format("json", "application/json", ".json", write)
