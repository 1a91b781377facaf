"""How values lie: counts in bins that a person can read, the same bins for all that are compared."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from evaluation_app.statistics.errors import numbers
from evaluation_app.statistics.figures import as_json
from evaluation_app.statistics.scores import percentile

MOST_BINS: Final = 20
TENTHS: Final = 10
FAR: Final = 2.0
"""A largest value of more than so many times the 99th percentile does not stretch the picture: it has an open bin."""
STEPS: Final = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Bin:
    """Values from `low` up to `high`; equal ends: this value alone; no `high`: all from `low` on."""

    low: float
    high: float | None
    count: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts of `n` values with their median and 95th percentile, None without any."""

    bins: tuple[Bin, ...]
    n: int
    median: float | None
    p95: float | None

    @property
    def as_json(self) -> dict[str, Any]:
        """For the payload."""
        return as_json(self)


def of_shares(values: Sequence[float]) -> Histogram:
    """Values in 0…1 by tenths; nothing at all and everything stand apart from what lies between."""
    given = numbers("values", values, 0, 1, least=0)
    inner = [value for value in given if 0 < value < 1]
    counts = [0] * TENTHS
    for value in inner:
        counts[min(int(value * TENTHS), TENTHS - 1)] += 1
    between = [Bin(place / TENTHS, (place + 1) / TENTHS, counts[place]) for place in range(TENTHS)]
    bins = (Bin(0.0, 0.0, given.count(0)), *between, Bin(1.0, 1.0, given.count(1)))
    return _histogram(bins, given)


def of_amounts(groups: Sequence[Sequence[float]], *, least_width: float = 0.0) -> list[Histogram]:
    """Amounts without an upper end (time, length) in equal bins of a round width, the same for all groups."""
    given = [numbers("values", group, least=0) for group in groups]
    together = sorted(value for group in given for value in group)
    if not together:
        return [Histogram((), 0, None, None) for _ in groups]
    low, top = together[0], percentile(together, 0.99)
    top = together[-1] if together[-1] <= FAR * top else top
    width = max(_round_width((top - low) / MOST_BINS, low), least_width)
    first = math.floor(low / width)
    edges = [place * width for place in range(first, math.floor(top / width) + 2)]
    is_open = together[-1] >= edges[-1]
    return [_histogram(_binned(group, edges, width, is_open=is_open), group) for group in given]


def _binned(values: Sequence[float], edges: Sequence[float], width: float, *, is_open: bool) -> tuple[Bin, ...]:
    counts = [0] * len(edges)
    for value in values:
        counts[min(max(0, math.floor(value / width) - round(edges[0] / width)), len(edges) - 1)] += 1
    closed = tuple(Bin(low, high, count) for low, high, count in zip(edges, edges[1:], counts, strict=False))
    return (*closed, Bin(edges[-1], None, counts[-1])) if is_open else closed


def _round_width(width: float, value: float) -> float:
    """1, 2 or 5 times a power of ten, no less than `width`; values that do not differ get a bin of their size."""
    least = width if width > 0 else abs(value) / TENTHS or 1.0
    power: float = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in STEPS if step * power >= least * (1 - 1e-9))


def _histogram(bins: tuple[Bin, ...], values: Sequence[float]) -> Histogram:
    if not values:
        return Histogram(bins, 0, None, None)
    return Histogram(bins, len(values), percentile(values, 0.5), percentile(values, 0.95))
