"""The chain: each entry is linked to the one before it in its organisation, shortly after it was committed.

A lock on the chain's head, held to the end of every act, would have all writes of an organisation wait for each other.
So acts only leave their entries to wait, and one linker at a time, a few seconds later, gives them numbers without
gaps: what commits later than its neighbours is linked later. See docs/decisions/051-audit.md.
"""

from __future__ import annotations

import hashlib
from datetime import UTC
from typing import Final

import orjson
from django.db import connection, transaction

from audit.models import AuditEntry, AuditLink, WaitingEntry

BATCH: Final = 1_000
LINK_EVERY: Final = 3.0
"""Seconds between two looks; by so much, and the length of an act, an entry is in no chain yet."""
GENESIS: Final = bytes(32)
"""What stands in the place of a hash before the first."""
LOCK: Final = "SELECT pg_try_advisory_xact_lock(hashtext('audit chain'), hashtext(%s))"


def hash_of(previous: bytes, number: int, entry: AuditEntry) -> bytes:
    """SHA-256 of the hash before, and of the entry with its number as JSON (compact, UTF-8, in this order)."""
    whole = [
        number,
        entry.id,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.organisation,
        str(entry.actor) if entry.actor else None,
        entry.by,
        entry.act,
        entry.kind,
        entry.object_id,
        entry.concerns,
        entry.fields,
        entry.address,
        entry.request_id,
    ]
    return hashlib.sha256(previous + orjson.dumps(whole)).digest()


def link_waiting() -> int:
    """Links what waits; how many entries. Harmless when run twice, also at once: the other one does it then."""
    linked, after = 0, 0
    while waiting := _waiting(after):
        after = waiting[-1]
        organisations = AuditEntry.objects.filter(id__in=waiting).order_by().values_list("organisation", flat=True)
        linked += sum(_link(organisation, waiting) for organisation in organisations.distinct())
    return linked


def _waiting(after: int) -> list[int]:
    rows = WaitingEntry.objects.filter(entry_id__gt=after).order_by("entry_id")
    return list(rows.values_list("entry_id", flat=True)[:BATCH])


def _link(organisation: str, waiting: list[int]) -> int:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(LOCK, [organisation])
            if not cursor.fetchone()[0]:
                return 0
        # Looked at under the lock: somebody may have linked them meanwhile.
        still = list(WaitingEntry.objects.filter(entry_id__in=waiting).values_list("entry_id", flat=True))
        entries = list(AuditEntry.objects.filter(id__in=still, organisation=organisation).order_by("id"))
        head = AuditLink.objects.filter(organisation=organisation).order_by("-number").first()
        number, previous = (head.number, bytes(head.hash)) if head else (0, GENESIS)
        links = []
        for entry in entries:
            number += 1
            previous = hash_of(previous, number, entry)
            links.append(AuditLink(entry_id=entry.id, organisation=organisation, number=number, hash=previous))
        AuditLink.objects.bulk_create(links)
        WaitingEntry.objects.filter(entry_id__in=[entry.id for entry in entries]).delete()
        return len(entries)
