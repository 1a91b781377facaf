"""How many days a kind is kept: the organisation's rule, else the settings'."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from privacy.models import RetentionRule
from privacy.retention.kinds import KINDS, Kind, PrunedKind

MOST_DAYS: Final = 36_500
"""A hundred years; more would lead before the calendar."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Organisations whose rows of a kind go when they are older than `before`."""

    before: datetime
    organisations: frozenset[str]
    all_but: bool = False
    """Whether it is every organisation but these."""

    def chosen(self, lookup: str) -> Q:
        """The condition that a row is of one of them."""
        found = Q(**{f"{lookup}__in": sorted(self.organisations)})
        return ~found if self.all_but else found


def cuts(kind: Kind | PrunedKind, *, now: datetime, organisation: str | None = None) -> Iterator[Cut]:
    """Who keeps the kind how long, as few cuts as there are terms; of one organisation where it is given."""
    rules = dict(RetentionRule.objects.filter(kind=kind.name).values_list("organisation", "days"))
    if organisation is not None:
        days = rules.get(organisation, kind.days())
        if days:
            yield Cut(now - timedelta(days=days), frozenset({organisation}))
        return
    if days := kind.days():
        yield Cut(now - timedelta(days=days), frozenset(rules), all_but=True)
    by_days: dict[int, set[str]] = defaultdict(set)
    for name, days in rules.items():
        by_days[days].add(name)
    for days, names in sorted(by_days.items()):
        if days:
            yield Cut(now - timedelta(days=days), frozenset(names))


def days_of(organisation: str) -> dict[str, tuple[int, bool]]:
    """Days by kind, and whether a rule of the organisation says so."""
    rules = dict(RetentionRule.objects.filter(organisation=organisation).values_list("kind", "days"))
    return {name: (rules.get(name, kind.days()), name in rules) for name, kind in KINDS.items()}


@transaction.atomic
def set_days(*, by: User | None, organisation: str, days: Mapping[str, int | None]) -> None:
    """Sets rules of an organisation, by kind; None takes one away, so that the settings hold again."""
    for kind, given in days.items():
        if given is None:
            RetentionRule.objects.filter(organisation=organisation, kind=kind).delete()
            continue
        RetentionRule.objects.update_or_create(
            organisation=organisation, kind=kind, defaults={"days": given, "set_by": by, "set_at": timezone.now()}
        )
