"""What the objectives are judged by, out of the samples: sums an hour of the last 30 days, in one statement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from monitoring.bounded import bounded
from monitoring.models import Sample
from monitoring.objectives.budgets import OBJECTIVES, WINDOWS, Objective, Standing
from monitoring.samples.reading import LOOK_BACK

HOUR: Final = timedelta(hours=1)
COUNTERS: Final = ("requests", "requests_failed", "requests_timed", "requests_quick")


def _added(name: str) -> str:
    before = f"lag({name}) OVER (PARTITION BY host ORDER BY minute)"
    # The first of a host shows nothing; what fell was begun anew.
    return f"CASE WHEN {before} IS NULL THEN 0 WHEN {name} >= {before} THEN {name} - {before} ELSE {name} END AS {name}"


# ruff: noqa: S608 - put together from this file's own constants
_SUMS: Final = f"""
WITH told AS (
    SELECT minute, host, {", ".join(f"(figures ->> '{name}')::float8 AS {name}" for name in COUNTERS)}
    FROM monitoring_samples WHERE minute >= %s AND minute < %s
), added AS (SELECT minute, {", ".join(map(_added, COUNTERS))} FROM told)
SELECT date_bin(%s, minute, %s), count(DISTINCT minute), {", ".join(f"coalesce(sum({name}), 0)" for name in COUNTERS)}
FROM added WHERE minute >= %s GROUP BY 1
"""


@dataclass(slots=True)
class Slot:
    """An hour."""

    at: datetime
    watched: int = 0
    """Minutes of it that lie after the first sample."""
    sampled: int = 0
    """Of them, with a sample."""
    requests: float = 0
    failed: float = 0
    timed: float = 0
    quick: float = 0

    def of(self, objective: Objective) -> tuple[float, float]:
        """How many, and how many of them bad."""
        match objective.name:
            case "availability":
                return self.watched, max(0, self.watched - self.sampled)
            case "errors":
                return self.requests, min(self.failed, self.requests)
        return self.timed, max(0.0, self.timed - self.quick)


@dataclass(frozen=True)
class Objectives:
    """Everything that is told of them."""

    until: datetime
    """The last whole minute's end."""
    watched_since: datetime | None
    """The first sample; None where there is none."""
    slots: list[Slot]

    def standing(self, objective: Objective, window: str) -> Standing:
        """Of one of WINDOWS."""
        first = self.until - WINDOWS[window]
        return _sum(objective, (slot for slot in self.slots if slot.at >= first))

    def days(self, objective: Objective) -> list[tuple[float, float]]:
        """Of each of the 30 days up to now, the oldest first."""
        return [_pair(_sum(objective, self.slots[at : at + 24])) for at in range(0, len(self.slots), 24)]


def _sum(objective: Objective, slots: Iterable[Slot]) -> Standing:
    pairs = [slot.of(objective) for slot in slots]
    return Standing(objective, sum(n for n, _ in pairs), sum(bad for _, bad in pairs))


def _pair(standing: Standing) -> tuple[float, float]:
    return standing.n, standing.bad


def objectives_of(*, now: datetime) -> Objectives:
    """As samples of the 30 days up to the last minute that is over tell it. A Problem (503) where it takes too long."""
    # A sample is taken some seconds after its minute has begun.
    until = now.replace(second=0, microsecond=0) - timedelta(minutes=1)
    since = until - WINDOWS["30d"]
    slots = {since + HOUR * at: Slot(since + HOUR * at) for at in range(30 * 24)}
    with bounded() as cursor:
        cursor.execute(_SUMS, [since - LOOK_BACK, until, HOUR, since, since])
        for at, sampled, requests, failed, timed, quick in cursor.fetchall():
            slot = slots[at]
            slot.sampled, slot.requests, slot.failed, slot.timed, slot.quick = sampled, requests, failed, timed, quick
    first = Sample.objects.order_by("minute").values_list("minute", flat=True).first()
    if first is not None:
        for slot in slots.values():
            slot.watched = max(0, min(60, int((slot.at + HOUR - max(first, slot.at)).total_seconds() // 60)))
    return Objectives(until, first, list(slots.values()))


def all_standings(told: Objectives) -> list[tuple[Objective, list[tuple[str, Standing]]]]:
    """By objective, then by window, the shortest first."""
    return [(each, [(window, told.standing(each, window)) for window in WINDOWS]) for each in OBJECTIVES]
