"""What samples show: how it stands, a figure over time, what happened in a window, and minutes of which none is there.

A counter that fell was begun anew: all it shows then is new. Nothing is made up where samples are
missing: None says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from monitoring.models import Sample
from monitoring.samples.figures import FIGURES, Figure, Figures, Kind, Scope, Value

MINUTE: Final = timedelta(minutes=1)
STALE_AFTER: Final = timedelta(minutes=3)
"""A host whose last sample is older says nothing of now."""
LOOK_BACK: Final = timedelta(minutes=10)
"""How far before a window the sample may lie that its first difference is made with."""


@dataclass(frozen=True, slots=True)
class Latest:
    """How it stands: what every host tells of the installation once, what each tells of itself together."""

    minute: datetime
    figures: Figures
    hosts: int


@dataclass(frozen=True, slots=True)
class Point:
    """A figure in one step of a series; None where no sample is there."""

    at: datetime
    """The step's beginning."""
    value: Value | None


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of one sample."""

    minute: datetime
    host: str
    value: Value


def latest(*, now: datetime) -> Latest | None:
    """None where no sample is younger than three minutes. Of counters only differences say anything:
    they are left out.
    """
    rows = Sample.objects.filter(minute__gt=now - STALE_AFTER, minute__lte=now).order_by("minute", "id")
    by_host = {row.host: row for row in rows}
    if not by_host:
        return None
    newest = sorted(by_host.values(), key=lambda row: row.minute)
    figures: Figures = {}
    for figure in FIGURES.values():
        values = [row.figures[figure.name] for row in newest if figure.name in row.figures]
        if figure.kind is Kind.GAUGE and values:
            figures[figure.name] = together(figure, values)
    return Latest(newest[-1].minute, figures, len(newest))


def series(name: str, *, since: datetime, until: datetime, step: timedelta = MINUTE) -> list[Point]:
    """Steps from `since` up to `until`: of a gauge the highest in each, of a counter what was added in each, of a
    histogram the counts that were added to its buckets. KeyError for a name that no figure has.
    """
    figure = FIGURES[name]
    if figure.kind is Kind.GAUGE:
        changes: Iterable[tuple[datetime, Value]] = _standing(figure, _rows(name, since=since, until=until))
    else:
        changes = _added(name, since=since, until=until)
    steps: dict[int, list[Value]] = {}
    for minute, value in changes:
        steps.setdefault((minute - since) // step, []).append(value)
    put = _highest if figure.kind is Kind.GAUGE else _sum
    number = -((since - until) // step)
    return [Point(since + step * at, put(steps[at]) if at in steps else None) for at in range(number)]


def increase(name: str, *, since: datetime, until: datetime) -> Value | None:
    """What a counter, or a histogram's buckets, gained in the window; None where no two samples are there."""
    added = [value for _, value in _added(name, since=since, until=until)]
    return _sum(added) if added else None


def number(value: Value | None) -> float | None:
    """Of all providers together; of a histogram how many."""
    match value:
        case dict():
            return sum(value.values())
        case list():
            return value[-1]
    return value


def quantile(name: str, share: float, *, since: datetime, until: datetime, least: int = 1) -> float | None:
    """The upper end of the bucket in which that share of all lies; None for fewer than `least`, infinity beyond the
    last end.
    """
    counts = increase(name, since=since, until=until)
    if not isinstance(counts, list) or counts[-1] < max(1, least):
        return None
    ends = [*FIGURES[name].buckets, float("inf")]
    return next(end for end, count in zip(ends, counts, strict=True) if count >= share * counts[-1])


def missing(*, since: datetime, until: datetime) -> list[datetime]:
    """Whole minutes from `since` up to `until` of which no host has a sample."""
    there = set(Sample.objects.filter(minute__gte=since, minute__lt=until).values_list("minute", flat=True))
    first = since.replace(second=0, microsecond=0)
    first += MINUTE if first < since else timedelta()
    minutes = (first + MINUTE * at for at in range(max(0, -((first - until) // MINUTE))))
    return [minute for minute in minutes if minute not in there and minute + MINUTE <= until]


def together(figure: Figure, values: Sequence[Value]) -> Value:
    """Of several hosts, the newest last: of the installation the newest word, of hosts their sum, of disks the
    smallest.
    """
    if figure.scope is Scope.INSTALLATION:
        return values[-1]
    if figure.part == "storage":
        return min(value for value in values if isinstance(value, (int, float)))
    return _sum(values)


def _rows(name: str, *, since: datetime, until: datetime) -> list[Row]:
    """Samples of the window that have the figure, the oldest first."""
    found = Sample.objects.filter(minute__gte=since, minute__lt=until, figures__has_key=name)
    rows: Any = found.order_by("minute", "id").values_list("minute", "host", f"figures__{name}")
    return [Row(*row) for row in rows]


def _standing(figure: Figure, rows: Iterable[Row]) -> Iterator[tuple[datetime, Value]]:
    """A gauge's value of each minute."""
    by_minute: dict[datetime, list[Value]] = {}
    for row in rows:
        by_minute.setdefault(row.minute, []).append(row.value)
    for minute, values in by_minute.items():
        yield minute, together(figure, values)


def _added(name: str, *, since: datetime, until: datetime) -> Iterator[tuple[datetime, Value]]:
    """What each sample of the window shows more than the one before of the same host."""
    by_host: dict[str, list[Row]] = {}
    for row in _rows(name, since=since - LOOK_BACK, until=until):
        by_host.setdefault(row.host, []).append(row)
    for rows in by_host.values():
        for before, after in pairwise(rows):
            if after.minute >= since:
                yield after.minute, difference(before.value, after.value)


def difference(before: Value, after: Value) -> Value:
    """What was added between two samples; what fell was begun anew, and a histogram's buckets all at once."""
    if isinstance(after, dict):
        earlier: Mapping[str, float] = before if isinstance(before, dict) else {}
        return {key: _rise(earlier.get(key, 0), value) for key, value in after.items()}
    if isinstance(after, list):
        if not isinstance(before, list) or len(before) != len(after) or before[-1] > after[-1]:
            return after
        return [max(0, new - old) for old, new in zip(before, after, strict=True)]
    return _rise(before if isinstance(before, (int, float)) else 0, after)


def _rise(before: float, after: float) -> float:
    return after - before if after >= before else after


def _sum(values: Sequence[Value]) -> Value:
    first = values[0]
    if isinstance(first, dict):
        keyed = [value for value in values if isinstance(value, dict)]
        return {key: sum(value.get(key, 0) for value in keyed) for value in keyed for key in value}
    if isinstance(first, list):
        return [sum(column) for column in zip(*(value for value in values if isinstance(value, list)), strict=True)]
    return sum(value for value in values if isinstance(value, (int, float)))


def _highest(values: Sequence[Value]) -> Value:
    first = values[0]
    if isinstance(first, dict):
        keyed = [value for value in values if isinstance(value, dict)]
        return {key: max(value.get(key, 0) for value in keyed) for value in keyed for key in value}
    return max(value for value in values if isinstance(value, (int, float)))
