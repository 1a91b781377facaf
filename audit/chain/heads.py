"""The chains' heads, published outside the database: whoever owns the database cannot rebuild a chain unseen.

A head is a line of JSON at the end of `AUDIT_HEAD_FILE`: time, organisation, number, hash. The file is as good as the
place where it lies: somewhere that the database's owner does not write to. Other ways out: `audit.publishing`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import orjson
from django.db.models import Max

from audit.models import AuditLink


class UnreadableHead(Exception):
    """A line is no head; of a file's, the message names it."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ended at one time."""

    at: str
    organisation: str
    number: int
    hash: str


def publish(path: Path, *, now: datetime) -> list[Head]:
    """Appends the head of every chain that has grown since it was last published, and has it written to the disk."""
    return append(path, current(now=now))


def current(*, now: datetime) -> list[Head]:
    """Where each chain ends now."""
    at = now.isoformat(timespec="seconds")
    return [Head(at, link.organisation, link.number, bytes(link.hash).hex()) for link in _last_links()]


def append(path: Path, heads: Iterable[Head]) -> list[Head]:
    """Appends those that the file has not yet; they are on the disk when it is done."""
    published = {head.organisation: head.number for head in read(path)} if path.exists() else {}
    new = [head for head in heads if head.number > published.get(head.organisation, 0)]
    if new:
        with path.open("ab") as file:
            file.write(lines_of(new))
            file.flush()
            os.fsync(file.fileno())
    return new


def read(path: Path) -> Iterator[Head]:
    """The heads of the file, in the order in which they were published."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                yield parse(line)
            except UnreadableHead as error:
                raise UnreadableHead(f"{path}, line {number}: {error}") from None


def lines_of(heads: Iterable[Head]) -> bytes:
    """A line of JSON each, as the file has them."""
    return b"".join(orjson.dumps(asdict(head)) + b"\n" for head in heads)


def parse(line: bytes) -> Head:
    """The head of one line."""
    try:
        given = orjson.loads(line)
        return Head(str(given["at"]), str(given["organisation"]), int(given["number"]), str(given["hash"]))
    except (ValueError, KeyError, TypeError, OverflowError):
        raise UnreadableHead("this is no head of a chain") from None


def _last_links() -> list[AuditLink]:
    ends = AuditLink.objects.order_by().values("organisation").annotate(last=Max("number"))
    return [
        AuditLink.objects.get(organisation=end["organisation"], number=end["last"])
        for end in ends.order_by("organisation")
    ]
