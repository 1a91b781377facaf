"""Whether the log is whole: every chain is walked, and what was published of its head is compared (T20)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef

from audit.chaining import GENESIS, hash_of
from audit.heads import Head
from audit.models import AuditEntry, AuditLink, WaitingEntry

BATCH: Final = 2_000
PATIENCE: Final = timedelta(minutes=5)
"""How long an entry may wait for its link, where nobody has been there to link."""


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
class Chain:
    """What was found of one: its length, what waits, and its first fault."""

    organisation: str
    length: int
    fault: Fault | None


def organisations() -> list[str]:
    """Every one that has a chain, or entries."""
    linked = AuditLink.objects.order_by().values_list("organisation", flat=True).distinct()
    kept = AuditEntry.objects.order_by().values_list("organisation", flat=True).distinct()
    return sorted({*linked, *kept})


def verify(organisation: str, *, published: Iterable[Head] = (), now: datetime) -> Chain:
    """Walks the chain in bounded memory, a batch at a time."""
    heads = {head.number: head for head in published if head.organisation == organisation}
    previous, last_published, number = GENESIS, 0, 0
    for expected, (link, entry) in enumerate(_linked(organisation), start=1):
        number = expected
        if link.number != expected:
            return _broken(organisation, expected, None, "the row is missing: its link was removed")
        if entry is None:
            return _broken(organisation, expected, link.entry_id, "the row is missing: it was removed")
        if hash_of(previous, expected, entry) != bytes(link.hash):
            sentence = "the row does not fit its hash: it was changed, or is not in its place"
            return _broken(organisation, expected, entry.id, sentence)
        previous = bytes(link.hash)
        head = heads.pop(expected, None)
        if head is not None and head.hash != previous.hex():
            sentence = (
                f"this is not what was published on {head.at}: a row of {last_published + 1} to {expected} was changed"
                ", and the chain made anew"
            )
            return _broken(organisation, expected, entry.id, sentence)
        last_published = expected if head else last_published
    if cut := min((each for each in heads if each > number), default=None):
        sentence = f"the rows from {number + 1} on are missing: the one of {heads[cut].at} was published"
        return _broken(organisation, number + 1, None, sentence)
    return Chain(organisation, number, _unlinked(organisation, now))


def removed_before_they_were_linked() -> list[int]:
    """Entries that waited for their link and are gone; which organisation they were of went with them."""
    gone = WaitingEntry.objects.filter(~Exists(AuditEntry.objects.filter(id=OuterRef("entry_id"))))
    return list(gone.order_by("entry_id").values_list("entry_id", flat=True)[:BATCH])


def _broken(organisation: str, number: int, entry_id: int | None, sentence: str) -> Chain:
    return Chain(organisation, number - 1, Fault(organisation, number, entry_id, sentence))


def _linked(organisation: str) -> Iterator[tuple[AuditLink, AuditEntry | None]]:
    after = 0
    while links := list(
        AuditLink.objects.filter(organisation=organisation, number__gt=after).order_by("number")[:BATCH]
    ):
        entries = AuditEntry.objects.in_bulk([link.entry_id for link in links])
        yield from ((link, entries.get(link.entry_id)) for link in links)
        after = links[-1].number


def _unlinked(organisation: str, now: datetime) -> Fault | None:
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
