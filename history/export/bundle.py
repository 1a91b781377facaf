"""The bundle: the whole session as one JSON document, and what the import takes back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final
from uuid import UUID

from foundation.rest.rendering import dumps
from history.export.feedback import comparisons
from history.export.files import LARGEST_BUNDLE, entries, named_in
from history.export.format import Format, Row

FORMAT_NAME: Final = "llm-playground-session"
VERSION: Final = 1


def write(session: dict[str, Any], rows: Iterable[Row]) -> Iterator[bytes]:
    """`{"format", "version", "session", "executions", "comparisons", "attachments"}`, a thing of a list a line.

    Without comparisons or files their lists are left out.
    """
    head = dumps({"format": FORMAT_NAME, "version": VERSION, "session": session})
    yield head[:-1] + b',"executions":['
    separator, size = b"\n", len(head)
    named: dict[UUID, None] = {}
    compared: dict[UUID, None] = {}
    for row in rows:
        line = separator + dumps(row)
        yield line
        separator, size = b",\n", size + len(line)
        named |= dict.fromkeys(named_in(row))
        if row.get("comparison_id"):
            compared[row["comparison_id"]] = None
    if compared:
        yield b'\n],"comparisons":['
        separator = b"\n"
        for comparison in comparisons(session["id"], compared):
            line = separator + dumps(comparison)
            yield line
            separator, size = b",\n", size + len(line)
    if named:
        yield b'\n],"attachments":['
        separator = b"\n"
        for entry in entries(session["id"], named, room=LARGEST_BUNDLE - size):
            yield separator + dumps(entry)
            separator = b",\n"
    yield b"\n]}\n"


BUNDLE: Final = Format("json", "application/json", ".json", write, has_feedback=True)
