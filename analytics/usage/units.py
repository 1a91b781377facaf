"""Hours, days, weeks and months as the clocks of a time zone show them, and when each begins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Final
from zoneinfo import ZoneInfo

from analytics.usage.asking import Asked

_DAY: Final = timedelta(days=1)
_FIRST: Final = datetime(2000, 1, 1, tzinfo=UTC)


def units_of(asked: Asked) -> list[datetime]:
    """Those of the span, ascending, each by its first moment as clocks show it (without a zone); none where it is not
    grouped by a time.
    """
    if asked.unit is None:
        return []
    zone = ZoneInfo(asked.zone)
    last = asked.before.astimezone(zone).replace(tzinfo=None)
    found = [_floor(asked.unit, asked.since.astimezone(zone).replace(tzinfo=None, fold=0))]
    while (following := _next(asked.unit, found[-1])) < last:
        found.append(following)
    return found


def begins_of(asked: Asked) -> list[datetime]:
    """The moment at which each of `units_of` begins, ascending. One that clocks skip begins when the one after it does;
    an hour that they show twice is one.
    """
    zone = ZoneInfo(asked.zone)
    moments = [each.replace(tzinfo=zone).astimezone(UTC) for each in reversed(units_of(asked))]
    return [*accumulate(moments, min)][::-1]


def midnights_of(begins: list[datetime]) -> list[datetime]:
    """The midnight (UTC) next to each of `begins_of`: days of UTC count there, until runs between the two are moved."""
    return [_FIRST + (begin - _FIRST + _DAY / 2) // _DAY * _DAY for begin in begins]


def moved_of(begins: list[datetime], begin: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """From when to when, within those two moments, a day of UTC is another unit's than the clocks say."""
    spans = {(min(pair), max(pair)) for pair in zip(begins, midnights_of(begins), strict=True)}
    within = ((max(first, begin), min(last, end)) for first, last in sorted(spans))
    return [(first, last) for first, last in within if first < last]


def _floor(unit: str, local: datetime) -> datetime:
    hour = local.replace(minute=0, second=0, microsecond=0)
    if unit == "hour":
        return hour
    day = hour.replace(hour=0)
    if unit == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if unit == "month" else day


def _next(unit: str, begin: datetime) -> datetime:
    if unit == "month":
        return (begin + timedelta(days=31)).replace(day=1)
    return begin + {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}[unit]
