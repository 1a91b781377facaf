"""Entries as a file: CSV for spreadsheets, JSON lines for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from audit.models import AuditEntry
from foundation.downloads import spreadsheet
from foundation.downloads.columns import Column, Kind, Row, figure, text
from foundation.rest.rendering import dumps

COLUMNS: Final = (
    figure("id", Kind.INTEGER),
    Column("at", Kind.TIME, lambda row: row["at"]),
    *map(text, ("organisation", "actor", "by", "act", "kind", "object_id", "concerns")),
    Column("fields", Kind.TEXT, lambda row: ", ".join(row["fields"])),
    *map(text, ("address", "request_id")),
)


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file."""

    media_type: str
    suffix: str
    write: Callable[[Iterable[AuditEntry]], Iterator[bytes]]


def row_of(entry: AuditEntry) -> Row:
    """The entry, as the API shows it."""
    names = ("id", "at", "organisation", "actor", "by", "act", "kind", "object_id", "concerns", "fields", "address")
    return {name: getattr(entry, name) for name in (*names, "request_id")}


def _csv(entries: Iterable[AuditEntry]) -> Iterator[bytes]:
    return spreadsheet.written(COLUMNS, map(row_of, entries))


def _lines(entries: Iterable[AuditEntry]) -> Iterator[bytes]:
    return (dumps(row_of(entry)) + b"\n" for entry in entries)


FORMATS: Final = {
    "csv": Format("text/csv; charset=utf-8", ".csv", _csv),
    "jsonl": Format("application/jsonl", ".jsonl", _lines),
}
