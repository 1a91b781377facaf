"""Who sees which entries, and their pages, newest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet

from audit.acts import API_TOKEN, Act
from audit.models import AuditEntry

BATCH: Final = 1_000
ANY_API_TOKEN: Final = API_TOKEN.rstrip(":")
FILTERS: Final = {
    "actor": "actor",
    "act": "act",
    "kind": "kind",
    "object": "object_id",
    "by": "by",
    "address": "address",
    "organisation": "organisation",
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
    if "cursor" in asked:
        entries = entries.filter(id__lt=asked["cursor"])
    found = list(narrowed(entries, asked).order_by("-id")[: size + 1])
    return Page(found[:size], found[size - 1].id if len(found) > size else None)


def narrowed(entries: QuerySet[AuditEntry], asked: Mapping[str, Any]) -> QuerySet[AuditEntry]:
    """Those that fit what is asked for (`FILTERS`); by `api_token` are those of all tokens."""
    wanted = {lookup: asked[name] for name, lookup in FILTERS.items() if name in asked}
    if wanted.get("by") == ANY_API_TOKEN:
        del wanted["by"]
        wanted["by__startswith"] = API_TOKEN
    return entries.filter(**wanted)


def walked(entries: QuerySet[AuditEntry], asked: Mapping[str, Any]) -> Iterator[AuditEntry]:
    """All that fit, newest first, in memory that does not grow with them."""
    page = page_of(entries, asked, size=BATCH)
    yield from page.entries
    while page.next is not None:
        page = page_of(entries, {**asked, "cursor": page.next}, size=BATCH)
        yield from page.entries
