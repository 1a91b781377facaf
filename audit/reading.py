"""Who sees which entries, and their pages, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet

from audit.acts import Act
from audit.models import AuditEntry

FILTERS: Final = {
    "actor": "actor",
    "act": "act",
    "kind": "kind",
    "object": "object_id",
    "from": "at__gte",
    "to": "at__lt",
}
"""Of what is asked for, the lookup."""


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, and the id below which the next page begins; None where there is none."""

    entries: list[AuditEntry]
    next: int | None


def all_entries() -> QuerySet[AuditEntry]:
    """For administrators."""
    return AuditEntry.objects.all()


def entries_of(person: UUID) -> QuerySet[AuditEntry]:
    """What they did, and failed tries to sign in as them."""
    failures = Q(kind="user", object_id=str(person), act=Act.SIGN_IN_FAILED)
    return AuditEntry.objects.filter(Q(actor=person) | failures)


def page_of(entries: QuerySet[AuditEntry], asked: Mapping[str, Any], *, size: int) -> Page:
    """A page of those that fit what is asked for (`FILTERS`), below the id `cursor`."""
    wanted = {lookup: asked[name] for name, lookup in FILTERS.items() if name in asked}
    if "cursor" in asked:
        wanted["id__lt"] = asked["cursor"]
    found = list(entries.filter(**wanted).order_by("-id")[: size + 1])
    return Page(found[:size], found[size - 1].id if len(found) > size else None)
