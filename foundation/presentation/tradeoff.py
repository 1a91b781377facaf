"""Quality against cost as an SVG that needs no script: who is dearer stands further right, who is better higher, and a
line goes through those that nobody beats in both (the Pareto line). Places in percent of the picture.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from foundation.presentation.series import Stroke
from foundation.presentation.words import percent
from foundation.words import money

WIDE: Final = 20
"""Costs that are so many times apart are drawn by their logarithm."""
LEFT, RIGHT = 6.0, 94.0
TOP, FLOOR = 8.0, 94.0
"""Between which points lie, in percent."""
STEP: Final = 0.1
"""The scale of rates begins at a multiple of it."""


@dataclass(frozen=True)
class Point:
    """One of those compared."""

    name: str
    cost: float
    """USD a thousand runs."""
    rate: float
    low: float | None
    high: float | None
    """The interval of the rate; None where there is none."""
    samples: int


@dataclass(frozen=True)
class Mark:
    """A point as it is drawn, in percent; `top` and `bottom` are the ends of its interval."""

    number: int
    point: Point
    x: float
    y: float
    top: float
    bottom: float
    is_best: bool
    """Nobody beats it."""

    @property
    def told(self) -> str:
        """In words."""
        return f"{self.point.name}: {self.rate} for {self.cost} a thousand runs"

    @property
    def cost(self) -> str:
        """Of a thousand runs."""
        return money(self.point.cost)

    @property
    def rate(self) -> str:
        """Such as `91.7 %`."""
        return percent(self.point.rate, 1)

    @property
    def interval(self) -> str:
        """Of the rate."""
        low, high = self.point.low, self.point.high
        return "too few cases" if low is None or high is None else f"{percent(low, 1)} to {percent(high, 1)}"


@dataclass(frozen=True)
class Tradeoff:
    """The picture with its finding for a title, and the same figures for a table."""

    id: str
    points: Sequence[Point]
    """At least two, whose rates come from the same cases."""
    of: str
    """What they did."""
    download: str = ""
    drawing: str = ""
    """Where the figures are as CSV, the picture as SVG."""

    @property
    def unit(self) -> str:
        """Of both directions."""
        scale = ", by its logarithm" if self._is_wide else ""
        return f"Passed runs with their interval, against USD a thousand runs{scale}: {self.of}"

    @cached_property
    def best(self) -> list[Point]:
        """Those that nobody beats, the cheapest first: the others cost at least as much and are no better, or cost
        more.
        """
        found: list[Point] = []
        for point in sorted(self.points, key=lambda each: (each.cost, -each.rate)):
            if not found or point.rate > found[-1].rate:
                found.append(point)
        return found

    @property
    def finding(self) -> str:
        """What the picture shows."""
        cheap, best = self.best[0], self.best[-1]
        if cheap is best:
            return f"{best.name} passes most and costs least: {_rate(best)} for {money(best.cost)} a thousand runs"
        told = f"{best.name} passes most, {_rate(best)}; {cheap.name} passes {_rate(cheap)} for {_part(cheap, best)}"
        return f"{told}, and the intervals overlap" if _overlap(cheap, best) else told

    @cached_property
    def marks(self) -> list[Mark]:
        """The points, numbered as in the table: the best rate first."""
        ordered = sorted(self.points, key=lambda each: (-each.rate, each.cost, each.name))
        return [
            Mark(
                number, point, self._x(point.cost), self._y(point.rate),
                self._y(point.rate if point.high is None else point.high),
                self._y(point.rate if point.low is None else point.low), point in self.best,
            )
            for number, point in enumerate(ordered, 1)
        ]  # fmt: skip

    @property
    def line(self) -> list[Stroke]:
        """Through the best: what can be had for so much is flat until the next."""
        found = []
        for one, other in zip(self.best, self.best[1:], strict=False):
            x1, y1, x2, y2 = self._x(one.cost), self._y(one.rate), self._x(other.cost), self._y(other.rate)
            found += [Stroke(x1, y1, x2, y1), Stroke(x2, y1, x2, y2)]
        return found

    @property
    def lowest_text(self) -> str:
        """The lower end of the scale of rates."""
        return percent(self._least, 1)

    @property
    def cheapest_text(self) -> str:
        """The left end of the scale of costs."""
        return money(min(each.cost for each in self.points))

    @property
    def dearest_text(self) -> str:
        """The right end of it."""
        return money(self._dearest)

    @cached_property
    def _least(self) -> float:
        lows = [each.rate if each.low is None else each.low for each in self.points]
        return max(0.0, math.floor(min(lows) / STEP) * STEP if min(lows) < 1 else 1 - STEP)

    @cached_property
    def _dearest(self) -> float:
        return max(each.cost for each in self.points)

    @cached_property
    def _cheapest(self) -> float:
        """Of those that cost something."""
        return min((each.cost for each in self.points if each.cost), default=0.0)

    @property
    def _is_wide(self) -> bool:
        return self._cheapest > 0 and self._dearest / self._cheapest > WIDE

    def _x(self, cost: float) -> float:
        free = any(not each.cost for each in self.points)
        least = 0.0 if free else self._cheapest
        if self._is_wide:
            # What costs nothing has no logarithm: it stands left of all others.
            begin = LEFT + (RIGHT - LEFT) * 0.15 * free
            share = math.log(cost / self._cheapest) / math.log(self._dearest / self._cheapest) if cost else None
            return LEFT if share is None else round(begin + (RIGHT - begin) * share, 3)
        if self._dearest <= least:
            return (LEFT + RIGHT) / 2
        return round(LEFT + (RIGHT - LEFT) * (cost - least) / (self._dearest - least), 3)

    def _y(self, rate: float) -> float:
        return round(FLOOR - (FLOOR - TOP) * (rate - self._least) / (1 - self._least), 3)


def _rate(point: Point) -> str:
    return percent(point.rate, 1)


def _part(cheap: Point, dear: Point) -> str:
    """What the cheap one costs, beside the dear one."""
    return f"{percent(cheap.cost, dear.cost)} of the cost" if cheap.cost else money(cheap.cost)


def _overlap(one: Point, other: Point) -> bool:
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return False
    return one.low <= other.high and other.low <= one.high
