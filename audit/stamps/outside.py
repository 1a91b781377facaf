"""Stamps outside the database: a line of JSON each at the end of AUDIT_TIMESTAMP_FILE.

Whoever owns the database can take stamps out of it, and have a chain that was made anew stamped again, with the times
of today. The last line of the file shows that: each stamp holds the hash of the one before.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import orjson

from audit.models import AuditStamp
from audit.stamps.document import digest

BLOCK: Final = 64 * 1024
BATCH: Final = 100


class UnreadableStamp(Exception):
    """The file ends with something else than a stamp, or with one that is not in the database."""


@dataclass(frozen=True, slots=True)
class Outside:
    """The last stamp of the file."""

    number: int
    digest: str

    def is_kept(self) -> bool:
        """Whether the database has the same one."""
        row = AuditStamp.objects.filter(number=self.number).first()
        return row is not None and digest(row.document, bytes(row.response)) == self.digest


def append(path: Path) -> int:
    """Appends those that the file has not yet, and has them written to the disk; the number of its last."""
    last = last_of(path) if path.exists() else None
    if last is not None and not last.is_kept():
        raise UnreadableStamp(f"its last stamp, {last.number}, is not in the database")
    number = last.number if last else 0
    with path.open("ab") as file:
        while rows := list(AuditStamp.objects.filter(number__gt=number).order_by("number")[:BATCH]):
            file.write(b"".join(map(_line, rows)))
            number = rows[-1].number
        file.flush()
        os.fsync(file.fileno())
    return number


def last_of(path: Path) -> Outside | None:
    """None where the file is empty."""
    with path.open("rb") as file:
        line = _last_line(file)
    if not line:
        return None
    try:
        given = orjson.loads(line)
        response = base64.b64decode(given["response"], validate=True)
        return Outside(int(given["number"]), digest(str(given["document"]), response))
    except (ValueError, KeyError, TypeError):
        raise UnreadableStamp("its last line is no stamp") from None


def _line(row: AuditStamp) -> bytes:
    given: dict[str, Any] = {
        "number": row.number,
        "at": row.at.isoformat(),
        "document": row.document,
        "response": base64.b64encode(bytes(row.response)).decode(),
    }
    return orjson.dumps(given) + b"\n"


def _last_line(file: IO[bytes]) -> bytes:
    """Read from the end: the file grows for years."""
    start, tail = file.seek(0, os.SEEK_END), b""
    while start > 0 and b"\n" not in tail.rstrip(b"\n"):
        size = min(BLOCK, start)
        start = file.seek(start - size)
        tail = file.read(size) + tail
    return tail.rstrip(b"\n").rpartition(b"\n")[2]
