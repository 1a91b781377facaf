"""Whether the log is whole: every chain is walked, and what was published of its head is compared (T20)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, Max, OuterRef

from audit.chain.chaining import GENESIS, hash_of
from audit.chain.cuts import fault_of, latest_cut
from audit.chain.heads import Head
from audit.models import AuditEntry, AuditLink, WaitingEntry

BATCH: Final = 2_000
PATIENCE: Final = timedelta(minutes=5)
"""How long an entry may wait for its link, where nobody has been there to link."""
MISSING_LINK: Final = "the row is missing: its link was removed"
MISSING_ROW: Final = "the row is missing: it was removed"
BROKEN: Final = "the row does not fit its hash: it was changed, or is not in its place"


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is wrong with a chain."""

    organisation: str
    number: int | None
    entry_id: int | None
    sentence: str

    def __str__(self) -> str:
        place = [] if self.number is None else [f"number {self.number}"]
        place += [] if self.entry_id is None else [f"entry {self.entry_id}"]
        return f"{self.organisation or '(no organisation)'}: {', '.join(place)}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a chain, up to which it was walked: its number, its hash, and the last published one before."""

    number: int
    hash: bytes
    published: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A link that fits what is before it, and its entry."""

    link: AuditLink
    entry: AuditEntry


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a walk came, and what stopped it; it is over at the chain's end."""

    position: Position
    fault: Fault | None
    is_over: bool


@dataclass(frozen=True, slots=True)
class Chain:
    """What was found of one: where it begins, its length, and its first fault."""

    organisation: str
    length: int
    fault: Fault | None
    first: int = 1


def organisations() -> list[str]:
    """Every one that has a chain, or entries."""
    linked = AuditLink.objects.order_by().values_list("organisation", flat=True).distinct()
    kept = AuditEntry.objects.order_by().values_list("organisation", flat=True).distinct()
    return sorted({*linked, *kept})


def verify(organisation: str, *, published: Iterable[Head] = (), now: datetime) -> Chain:
    """Walks the chain in bounded memory, a batch at a time."""
    start = start_of(organisation)
    walked = walk(organisation, start, published=published)
    length = walked.position.number - start.number
    return Chain(organisation, length, walked.fault or unlinked(organisation, now), start.number + 1)


def start_of(organisation: str) -> Position:
    """Where the chain begins: at its first row, or after what retention took away."""
    cut = latest_cut(organisation)
    return Position(cut.number, bytes(cut.hash), cut.number) if cut else Position(0, GENESIS)


def walk(organisation: str, start: Position, *, published: Iterable[Head] = (), most: int | None = None) -> Walk:
    """Goes on from a place, `most` rows far or to the end."""
    heads = {head.number: head for head in published if head.organisation == organisation}
    if fault := _fault_of_start(organisation, heads):
        return Walk(start, fault, is_over=True)
    position = start
    for row in rows_of(organisation, start):
        if isinstance(row, Fault):
            return Walk(position, row, is_over=True)
        number, found = row.link.number, bytes(row.link.hash)
        head = heads.get(number)
        if head is not None and head.hash != found.hex():
            sentence = (
                f"this is not what was published on {head.at}: a row of {position.published + 1} to {number} was"
                " changed, and the chain made anew"
            )
            return Walk(position, Fault(organisation, number, row.entry.id, sentence), is_over=True)
        position = Position(number, found, number if head else position.published)
        if most is not None and number - start.number >= most:
            return Walk(position, None, is_over=False)
    return Walk(position, _cut_off(organisation, position.number, heads), is_over=True)


def rows_of(organisation: str, start: Position) -> Iterator[Row | Fault]:
    """The rows after this place in their order, as far as they fit; where one does not, the fault, and no more."""
    previous, expected = start.hash, start.number
    for link, entry in _linked(organisation, start.number):
        expected += 1
        if link.number != expected:
            yield Fault(organisation, expected, None, MISSING_LINK)
            return
        if entry is None:
            yield Fault(organisation, expected, link.entry_id, MISSING_ROW)
            return
        if hash_of(previous, expected, entry) != bytes(link.hash):
            yield Fault(organisation, expected, entry.id, BROKEN)
            return
        previous = bytes(link.hash)
        yield Row(link, entry)


def removed_before_they_were_linked() -> list[int]:
    """Entries that waited for their link and are gone; which organisation they were of went with them."""
    gone = WaitingEntry.objects.filter(~Exists(AuditEntry.objects.filter(id=OuterRef("entry_id"))))
    return list(gone.order_by("entry_id").values_list("entry_id", flat=True)[:BATCH])


def unlinked(organisation: str, now: datetime) -> Fault | None:
    """The first entry that stands in no chain, and does not wait for it either, or waits too long."""
    link = AuditLink.objects.filter(entry_id=OuterRef("id"))
    waiting = WaitingEntry.objects.filter(entry_id=OuterRef("id"))
    outside = AuditEntry.objects.filter(~Exists(link), organisation=organisation).order_by("id")
    for entry in outside.annotate(waits=Exists(waiting))[:BATCH]:
        if not entry.waits:
            return Fault(organisation, None, entry.id, "the row stands in no chain: its link is missing")
        if entry.at < now - PATIENCE:
            return Fault(organisation, None, entry.id, f"the row has waited for its link since {entry.at}")
    return None


def _fault_of_start(organisation: str, heads: dict[int, Head]) -> Fault | None:
    cut = latest_cut(organisation)
    if cut is None:
        return None
    sentence = fault_of(cut)
    head = heads.get(cut.number)
    if not sentence and head is not None and head.hash != bytes(cut.hash).hex():
        sentence = f"the chain begins after something else than what was published on {head.at}"
    return Fault(organisation, cut.number, None, sentence) if sentence else None


def _cut_off(organisation: str, walked: int, heads: dict[int, Head]) -> Fault | None:
    """What was there, as heads or a walk that went on from further down tell, and is not."""
    end = AuditLink.objects.filter(organisation=organisation).aggregate(end=Max("number"))["end"] or 0
    last = min(end, walked)
    missing = min((each for each in heads if each > walked), default=None)
    if missing is not None:
        sentence = f"the rows from {last + 1} on are missing: the one of {heads[missing].at} was published"
        return Fault(organisation, last + 1, None, sentence)
    if last == walked:
        return None
    return Fault(
        organisation,
        last + 1,
        None,
        f"the rows from {last + 1} on are missing: number {walked} was there at the last look",
    )


def _linked(organisation: str, after: int) -> Iterator[tuple[AuditLink, AuditEntry | None]]:
    while links := list(
        AuditLink.objects.filter(organisation=organisation, number__gt=after).order_by("number")[:BATCH]
    ):
        entries = AuditEntry.objects.in_bulk([link.entry_id for link in links])
        yield from ((link, entries.get(link.entry_id)) for link in links)
        after = links[-1].number
