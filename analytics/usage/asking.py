"""What is asked of usage: a span of time, what it is grouped by, and which runs count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from foundation.words import number

TIMES: Final = ("hour", "day", "week", "month")
FIGURED: Final = ("model", "provider", "origin", "status", "error")
"""What the figures by hour know of a run beside its hour."""
SINGLE: Final = ("user", "team", "project", "session", "template", "version", "token")
"""What only the single runs know."""
GROUPS: Final = (*TIMES, *FIGURED, *SINGLE)
FILTERS: Final = (*FIGURED, "project", "session", "template", "version", "token")
"""Beside people, who are chosen before."""
LONGEST: Final = timedelta(days=3_660)
"""Of a span: ten years."""
MOST_POINTS: Final = 2_500
"""Hours, days, weeks or months of one answer."""
MOST_GROUPS: Final = 1_000
USUAL: Final = timedelta(days=30)
"""Up to now, where no span is asked for."""
_OF_ONE_KIND: Final = (["project"], ["version"], ["token"])
"""Filters that the figures by day can answer alone. A session is looked for among its own runs: they are few."""
_STEPS: Final = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=28),
}


class Level(Enum):
    """What usage is read from; of all but the last one, the last hours and the span's edges from single runs."""

    QUARTERS = "the sums of everything by quarter of an hour"
    HOURS = "the figures by hour, of models"
    DAYS = "the figures by day (UTC), of people and places"
    RUNS = "single runs"


class Odd(ValueError):
    """What cannot be asked: the parameter, a code, and a sentence for people."""

    def __init__(self, name: str, code: str, message: str) -> None:
        super().__init__(message)
        self.name = name
        self.code = code


@dataclass(frozen=True, slots=True)
class Asked:
    """`since` ≤ begin of a run < `before`; both have a time zone."""

    since: datetime
    before: datetime
    zone: str = "UTC"
    """Hours, days, weeks (from Monday) and months are this time zone's."""
    groups: tuple[str, ...] = ()
    """Up to two of `GROUPS`, at most one of them a time."""
    people: tuple[UUID, ...] | None = None
    """Whose runs; None: everybody's, and of people who were erased."""
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By `FILTERS`: runs count that are of one of the values, of each."""
    limit: int = 100
    """Groups in the answer; the rest is summed up."""

    @property
    def unit(self) -> str | None:
        """The time by which it is grouped."""
        return next((each for each in self.groups if each in TIMES), None)

    @property
    def level(self) -> Level:
        """The coarsest figures that can answer it."""
        if self.people is None and not self.filters and set(self.groups) <= set(TIMES):
            return Level.QUARTERS
        known = set(FIGURED) | set(TIMES)
        if self.people is None and known.issuperset(self.groups) and known.issuperset(self.filters):
            return Level.HOURS if self._has_whole(timedelta(hours=1)) else Level.RUNS
        return Level.DAYS if self._is_of_days else Level.RUNS

    @property
    def _is_of_days(self) -> bool:
        if len(self.groups) > 1 or "hour" in self.groups:
            return False
        if self.filters:
            return self.people is None and bool(self.unit) and [*self.filters] in _OF_ONE_KIND
        if self.people is None:
            return self.unit is None
        return self.unit is not None or {"user", "team"}.issuperset(self.groups)

    def _has_whole(self, unit: timedelta) -> bool:
        """Whether what it is grouped by, if a time, begins with such a unit of UTC, all through the span."""
        return self.unit is None or has_whole(unit, self.zone, self.since, self.before)


def check(asked: Asked) -> None:
    """Raises Odd for what makes no sense, or would be endless work."""
    if asked.before <= asked.since:
        raise Odd("to", "before_from", "This lies before `from`.")
    if asked.before - asked.since > LONGEST:
        raise Odd("from", "too_long", "Up to ten years are looked at together.")
    times = [each for each in asked.groups if each in TIMES]
    if len(times) > 1:
        raise Odd("group_by", "contradiction", f"One of {', '.join(TIMES)}, not several.")
    if len(asked.groups) != len(set(asked.groups)):
        raise Odd("group_by", "contradiction", "Each is named once.")
    if times and (asked.before - asked.since) / _STEPS[times[0]] > MOST_POINTS:
        told = f"That would be more than {number(MOST_POINTS)} of them: ask for a longer unit, or a shorter span."
        raise Odd("group_by", "too_many", told)


def moment_of(text: str, zone: ZoneInfo, *, is_end: bool = False) -> datetime:
    """A moment (ISO 8601; without an offset in `zone`), or a date: its first moment there, or with `is_end` the first
    one after it. Raises ValueError.
    """
    if len(text) == len("2026-01-01"):
        day = date.fromisoformat(text) + timedelta(days=is_end)
        return datetime.combine(day, time(), zone).astimezone(UTC)
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def has_whole(unit: timedelta, zone: str, since: datetime, before: datetime) -> bool:
    """Whether days of this time zone begin with such a unit of UTC, all through the span."""
    place, day = ZoneInfo(zone), timedelta(days=1)
    moments = [since + day * number for number in range((before - since) // day + 1)]
    offsets = {moment.astimezone(place).utcoffset() or timedelta() for moment in [*moments, before]}
    return all(offset % unit == timedelta() for offset in offsets)
