"""Whether the time stamps hold: each one's signature, its place, and the rows of the chains that it is of (T20)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cryptography.x509 import Certificate
from django.db import connection

from audit.chain.heads import Head
from audit.models import AuditCut, AuditStamp, AuditStampCheck
from audit.stamps import outside
from audit.stamps.authority import NotStamped, time_of
from audit.stamps.document import GENESIS, Document, UnreadableDocument, digest, read
from audit.stamps.roots import NoRoots, load

logger = logging.getLogger(__name__)

BATCH: Final = 100
STRETCH: Final = 1_000
"""Stamps that the check on a schedule looks at at a time."""
ROWS: Final = """
SELECT wanted.organisation, wanted.number, link.hash
FROM unnest(%s::text[], %s::bigint[]) AS wanted (organisation, number)
LEFT JOIN audit_links AS link ON link.organisation = wanted.organisation AND link.number = wanted.number
"""


@dataclass(frozen=True, slots=True)
class Stamps:
    """What was found of those that were looked at."""

    number: int
    """The last one that holds."""
    fault: str
    """Empty where all hold."""
    is_over: bool
    """Whether the last one there is was looked at."""
    first_at: datetime | None = None
    last_at: datetime | None = None


class _Fault(Exception):
    """The sentence says what is wrong with the first stamp that does not hold."""


def verify(*, roots: Path | None, kept_outside: Path | None, organisation: str | None = None) -> Stamps:
    """All stamps; rows of `organisation` alone where it is named. UnreadableStamp, OSError: the file cannot be read."""
    found = walk(0, roots=roots, organisation=organisation)
    if not found.fault and kept_outside and (fault := fault_outside(kept_outside)):
        return Stamps(found.number, fault, found.is_over)
    return found


def walk(after: int, *, roots: Path | None, organisation: str | None = None, most: int | None = None) -> Stamps:
    """Goes on after a number, `most` stamps far or to the end; no further than the first that does not hold."""
    number, first_at, last_at = after, None, None
    try:
        for row, document in _in_order(after, roots):
            if most is not None and number - after >= most:
                return Stamps(number, "", is_over=False, first_at=first_at, last_at=last_at)
            _compare([head for head in document.heads if organisation in (None, head.organisation)], row)
            number, first_at, last_at = row.number, first_at or row.at, row.at
    except _Fault as fault:
        return Stamps(number, str(fault), is_over=True)
    return Stamps(number, "", is_over=True, first_at=first_at, last_at=last_at)


def fault_outside(path: Path) -> str:
    """Of the last stamp of this file, which holds the hash of all before it; empty where the database has it.

    UnreadableStamp, OSError: it cannot be read.
    """
    last = outside.last_of(path)
    if last is None or last.is_kept():
        return ""
    return f"stamp {last.number} was kept outside the database, and is not what stands in it, or is missing there"


def check_on(*, roots: Path, kept_outside: Path | None, now: datetime, stretch: int = STRETCH) -> None:
    """Goes on with the round of the stamps, which begins anew at the first once it is over."""
    check = AuditStampCheck.objects.first() or AuditStampCheck()
    found = walk(check.number, roots=roots, most=stretch)
    check.number = found.number
    if found.is_over:
        fault = found.fault or (_told_outside(kept_outside) if kept_outside and kept_outside.exists() else "")
        if fault and not check.fault:
            logger.error("audit_stamps_broken", extra={"place": fault})
        check.number, check.length, check.ended_at, check.fault = 0, found.number, now, fault
    check.save()


def fault_of_stamps() -> str:
    """What the last round found; empty: they hold, or there are none."""
    return AuditStampCheck.objects.values_list("fault", flat=True).first() or ""


def _told_outside(path: Path) -> str:
    try:
        return fault_outside(path)
    except (OSError, outside.UnreadableStamp) as error:
        return f"the stamps outside the database cannot be read: {error}"


def _in_order(after: int, roots: Path | None) -> Iterator[tuple[AuditStamp, Document]]:
    """The stamps after this number, as far as each one is signed and follows the one before it; then _Fault."""
    number, previous, trusted = after, _digest_of(after), None
    while rows := list(AuditStamp.objects.filter(number__gt=number).order_by("number")[:BATCH]):
        trusted = trusted or _trusted(roots)
        for row in rows:
            if row.number != number + 1:
                raise _Fault(f"stamp {number + 1} is missing: it was removed")
            yield row, _checked(row, previous, trusted)
            number, previous = row.number, digest(row.document, bytes(row.response))


def _digest_of(number: int) -> str:
    if not number:
        return GENESIS
    row = AuditStamp.objects.filter(number=number).first()
    if row is None:
        raise _Fault(f"stamp {number} is missing: it was there at the last look")
    return digest(row.document, bytes(row.response))


def _trusted(roots: Path | None) -> Sequence[Certificate]:
    try:
        return load(roots)
    except NoRoots as error:
        raise _Fault(f"the stamps cannot be checked: of their roots: {error}") from None


def _checked(row: AuditStamp, previous: str, trusted: Sequence[Certificate]) -> Document:
    """What it says, where it is signed and in its place."""
    try:
        at = time_of(bytes(row.response), row.document, roots=trusted)
        document = read(row.document)
    except NotStamped as error:
        raise _Fault(f"stamp {row.number} does not hold: {error}") from None
    except UnreadableDocument:
        raise _Fault(f"stamp {row.number} does not hold: what it is of cannot be read") from None
    if row.at != at:
        raise _Fault(f"stamp {row.number} is of {at}, and stands here as of {row.at}")
    if (document.number, document.previous) != (row.number, previous):
        raise _Fault(f"stamp {row.number} does not follow the one before it: one was changed, or is not in its place")
    return document


def _compare(heads: Sequence[Head], row: AuditStamp) -> None:
    """_Fault where a chain has something else at the place of a head, or nothing."""
    with connection.cursor() as cursor:
        cursor.execute(ROWS, [[head.organisation for head in heads], [head.number for head in heads]])
        hashes = {(organisation, number): _hex(found) for organisation, number, found in cursor.fetchall()}
    for head in heads:
        found = hashes[head.organisation, head.number] or _cut_at(head)
        place = f"{head.organisation or '(no organisation)'}: number {head.number}"
        if found is None:
            raise _Fault(f"{place}: the row is missing: stamp {row.number} of {row.at} is of it")
        if found != head.hash:
            raise _Fault(
                f"{place}: this is not what stamp {row.number} of {row.at} is of: a row up to here was changed, and the"
                " chain made anew"
            )


def _cut_at(head: Head) -> str | None:
    """The hash of a head that retention took away: a cut at its place holds it, a later one stands for it."""
    cut = AuditCut.objects.filter(organisation=head.organisation, number__gte=head.number).order_by("number").first()
    if cut is None:
        return None
    return _hex(cut.hash) if cut.number == head.number else head.hash


def _hex(found: Any) -> str | None:
    return None if found is None else bytes(found).hex()
