"""The bundle: the whole session as one JSON document, and what the import takes back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final
from uuid import UUID

from foundation.rest.rendering import dumps
from history.export.files import LARGEST_BUNDLE, entries, named_in
from history.export.format import Format, Row

FORMAT_NAME: Final = "llm-playground-session"
VERSION: Final = 1


def write(session: dict[str, Any], rows: Iterable[Row]) -> Iterator[bytes]:
    """`{"format", "version", "session", "executions": [...], "attachments": [...]}`, an execution or a file a line.

    Without files there are no attachments.
    """
    head = dumps({"format": FORMAT_NAME, "version": VERSION, "session": session})
    yield head[:-1] + b',"executions":['
    separator, size = b"\n", len(head)
    named: dict[UUID, None] = {}
    for row in rows:
        line = separator + dumps(row)
        yield line
        separator, size = b",\n", size + len(line)
        named |= dict.fromkeys(named_in(row))
    if named:
        yield b'\n],"attachments":['
        separator = b"\n"
        for entry in entries(session["id"], named, room=LARGEST_BUNDLE - size):
            yield separator + dumps(entry)
            separator = b",\n"
    yield b"\n]}\n"


BUNDLE: Final = Format("json", "application/json", ".json", write)
