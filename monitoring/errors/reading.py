"""Groups as administrators look at them."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import TruncDay

from foundation.numbers import LARGEST_INTEGER
from foundation.problems import FieldError, invalid, not_found
from foundation.search.counting import counted_rows
from monitoring.models import ErrorGroup, State

DAYS: Final = 14
"""Of the curve."""


@dataclass(frozen=True, slots=True)
class Page:
    """Groups, the one that was seen last first; `next` is the cursor of older ones, empty at the end."""

    groups: list[ErrorGroup]
    next: str


def page_of(*, state: State | None, since: datetime | None, cursor: str, size: int) -> Page:
    """A Problem (400) for a cursor that is none."""
    rows = _in_state(state)
    if since is not None:
        rows = rows.filter(last_seen__gte=since)
    if cursor:
        at, id_ = _read(cursor)
        rows = rows.filter(Q(last_seen__lt=at) | Q(last_seen=at, id__lt=id_), last_seen__lte=at)
    found = list(rows.order_by("-last_seen", "-id")[: size + 1])
    more, shown = len(found) > size, found[:size]
    return Page(shown, _write(shown[-1]) if more else "")


def counted_groups(state: State | None) -> str:
    """How many there are, in words."""
    return counted_rows(_in_state(state), "group")


def group_of(group_id: int) -> ErrorGroup:
    """A Problem (404) where there is none."""
    found = ErrorGroup.objects.filter(id=group_id).first() if group_id <= LARGEST_INTEGER else None
    if found is None:
        raise not_found("The error")
    return found


def days_of(group: ErrorGroup, *, now: datetime) -> list[tuple[datetime, int]]:
    """How often it came on each of the last fortnight's days (UTC), days without it as well."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    first = today - timedelta(days=DAYS - 1)
    rows = group.hours.filter(hour__gte=first).annotate(day=TruncDay("hour", tzinfo=UTC)).values("day")
    counts = {row["day"]: row["sum"] for row in rows.annotate(sum=Sum("count"))}
    return [(day, counts.get(day, 0)) for day in (first + timedelta(days=number) for number in range(DAYS))]


def _in_state(state: State | None) -> QuerySet[ErrorGroup]:
    return ErrorGroup.objects.all() if state is None else ErrorGroup.objects.in_state(state)


def _write(group: ErrorGroup) -> str:
    text = f"{group.last_seen.astimezone(UTC).isoformat()}|{group.id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[datetime, int]:
    try:
        at, _, id_ = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition("|")
        when, number = datetime.fromisoformat(at), int(id_)
        if when.tzinfo is None or not 0 < number <= LARGEST_INTEGER:
            raise ValueError(cursor)
    except (ValueError, binascii.Error, OverflowError):
        raise invalid([FieldError("cursor", "invalid", "This is no cursor of this list.")]) from None
    return when, number
