"""The oldest rows of the chains are taken away: the one way in which an entry ever goes. What is left verifies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from audit.chain.cuts import latest_cut, make_cut
from audit.chain.verifying import Fault, rows_of, start_of
from audit.models import AuditEntry, AuditLink

BATCH: Final = 2_000
LOCK: Final = "SELECT pg_advisory_xact_lock(hashtext('audit cut'), hashtext(%s))"
CUTTING: Final = "SELECT set_config('audit.cutting', 'on', true)"


@dataclass(frozen=True, slots=True)
class Pruned:
    """What went, or would go, of one chain."""

    organisation: str
    entries: int
    number: int
    """The last that went; the chain begins after it."""
    fault: Fault | None
    """What kept it from going further: a row that is broken stays, and so does all after it."""


def prune(*, before: datetime, dry_run: bool = False) -> list[Pruned]:
    """Takes away the oldest entries of each chain, up to the first that is not older than `before`.

    The last entry of a chain stays, however old it is: the next one is linked to it. Works in bounded memory and short
    transactions; what a kill left is removed by the next call. Entries that have no link yet stay.
    """
    chains = AuditLink.objects.order_by("organisation").values_list("organisation", flat=True).distinct()
    found = [_prune(organisation, before, dry_run=dry_run) for organisation in chains]
    return [each for each in found if each.entries or each.fault]


def _prune(organisation: str, before: datetime, *, dry_run: bool) -> Pruned:
    number, fault = _last_before(organisation, before)
    if not dry_run:
        _cut(organisation, number)
        return Pruned(organisation, _remove(organisation, number), number, fault)
    return Pruned(organisation, _up_to(organisation, number).count(), number, fault)


def _last_before(organisation: str, before: datetime) -> tuple[int, Fault | None]:
    """The number of the last row that may go, up to which all are older and whole; never the chain's last."""
    start = start_of(organisation)
    last = start.number
    end = AuditLink.objects.filter(organisation=organisation).order_by("-number").values_list("number", flat=True)[0]
    for row in rows_of(organisation, start):
        if isinstance(row, Fault):
            return last, row
        if row.entry.at >= before or row.link.number == end:
            break
        last = row.link.number
    return last, None


def _cut(organisation: str, number: int) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(LOCK, [organisation])
        cut = latest_cut(organisation)
        if number > (cut.number if cut else 0):
            make_cut(AuditLink.objects.get(organisation=organisation, number=number), now=timezone.now())


def _remove(organisation: str, number: int) -> int:
    """How many entries went: all up to this number, also what an earlier call has left."""
    removed = 0
    while ids := list(_up_to(organisation, number).values_list("entry_id", flat=True)[:BATCH]):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(CUTTING)
            AuditEntry.objects.filter(id__in=ids).delete()
            removed += AuditLink.objects.filter(entry_id__in=ids).delete()[0]
    return removed


def _up_to(organisation: str, number: int) -> QuerySet[AuditLink]:
    return AuditLink.objects.filter(organisation=organisation, number__lte=number).order_by("number")
