"""Differences as a forest picture: a line for each with its interval, zero in the middle of what matters."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from evaluation_app.pages.presentation.rate import NONE, SPACE
from evaluation_app.statistics.verdicts import points

MINUS: Final = "\N{MINUS SIGN}"
ROW: Final = 44
"""Pixels; a line has its words above its interval."""
TOP, BOTTOM = 8, 36
LONGEST_LABEL: Final = 40
LEAST_REACH: Final = 0.05
"""The picture goes at least so far to both sides."""
SHOWN: Final = ("a_better", "b_better")


@dataclass(frozen=True, slots=True)
class Line:
    """One difference B - A, in hundredths, with its place in the picture."""

    label: str
    difference: float | None
    low: float | None
    high: float | None
    level: float
    cases: int
    is_whole: bool
    """Of all cases, not of a group."""
    number: int
    reach: float

    @property
    def short(self) -> str:
        """The label as the picture has room for it; the table has all of it."""
        return self.label if len(self.label) <= LONGEST_LABEL else f"{self.label[: LONGEST_LABEL - 1]}…"

    @property
    def points(self) -> str:
        """Such as `+12`."""
        return NONE if self.difference is None else signed(self.difference)

    @property
    def interval(self) -> str:
        """Such as `+4 to +20`; why there is none where there is none."""
        if self.low is None or self.high is None:
            return "too few cases" if self.difference is not None else "nothing judged"
        return f"{signed(self.low)} to {signed(self.high)}"

    @property
    def confidence(self) -> str:
        """The level of its interval, such as `98.3 %`."""
        return f"{100 * self.level:.4g}{SPACE}%"

    @property
    def text_y(self) -> int:
        """Where its words stand."""
        return TOP + self.number * ROW + 14

    @property
    def y(self) -> int:
        """Where its interval lies."""
        return TOP + self.number * ROW + 28

    @property
    def at(self) -> float | None:
        """Where the difference itself stands, in per cent of the width."""
        return None if self.difference is None else self._place(self.difference)

    @property
    def left(self) -> float | None:
        """The interval's left end."""
        return None if self.low is None else self._place(self.low)

    @property
    def right(self) -> float | None:
        """The interval's right end."""
        return None if self.high is None else self._place(self.high)

    def _place(self, share: float) -> float:
        return round(50 + 50 * max(-1.0, min(1.0, share / self.reach)), 2)


@dataclass(frozen=True)
class Forest:
    """Lines on one scale, with the sentence that they come to."""

    key: str
    """Names its parts in the page."""
    title: str
    a: str
    b: str
    """Who is better to the left of zero and to the right; empty where that differs from line to line."""
    lines: list[Line]

    @property
    def note(self) -> str:
        """Why its intervals are wider than those of a single look; empty where there is but one."""
        if len(self.lines) == 1:
            return ""
        return "Each interval is at the level that stands beside it (Bonferroni), so that all hold together."

    @property
    def height(self) -> int:
        """Pixels."""
        return TOP + len(self.lines) * ROW + BOTTOM

    @property
    def floor(self) -> int:
        """Where the lines end and the scale begins."""
        return TOP + len(self.lines) * ROW

    @property
    def scale_y(self) -> int:
        """Where the numbers of the scale stand."""
        return self.floor + 16

    @property
    def sides_y(self) -> int:
        """Where it says who is better on which side."""
        return self.floor + 32

    @cached_property
    def ticks(self) -> list[tuple[float, str, str]]:
        """Places of the scale with their numbers and how these are anchored."""
        reach = self.lines[0].reach
        return [
            (0, signed(-reach), "start"),
            (25, signed(-reach / 2), "middle"),
            (50, "0", "middle"),
            (75, signed(reach / 2), "middle"),
            (100, signed(reach), "end"),
        ]

    @property
    def description(self) -> str:
        """The picture in words."""
        told = [
            f"{line.label}: {line.points} {'point' if line.points[1:] == '1' else 'points'}, {line.interval}."
            for line in self.lines
        ]
        return " ".join(told)


def forests_of(results: Mapping[str, Any]) -> list[Forest]:
    """One of all comparisons, then one a comparison of its groups; none without comparisons that have a figure."""
    comparisons = [each for each in results.get("comparisons", ()) if each["difference"] is not None]
    if not comparisons:
        return []
    groups: Sequence[Mapping[str, Any]] = results.get("groups", ())
    if len(comparisons) == 1:
        only = comparisons[0]
        return [_of(only["verdict"], only["a"], only["b"], [("All cases", only), *_groups(only, groups)], key="all")]
    shown = sum(each["outcome"] in SHOWN for each in comparisons)
    title = f"{shown} of {len(results['comparisons'])} comparisons show a difference"
    whole = _of(title, "", "", [(f"{each['b']} against {each['a']}", each) for each in comparisons], key="all")
    apart = [
        _of(f"{each['b']} against {each['a']}, by group", each["a"], each["b"], found, key=f"groups-{number}")
        for number, each in enumerate(comparisons)
        if (found := _groups(each, groups))
    ]
    return [whole, *apart]


def _groups(comparison: Mapping[str, Any], groups: Sequence[Mapping[str, Any]]) -> list[tuple[str, Mapping[str, Any]]]:
    names = (comparison["a"], comparison["b"])
    return [(each["group"], each) for each in groups if (each["a"], each["b"]) == names]


def _of(title: str, a: str, b: str, rows: Sequence[tuple[str, Mapping[str, Any]]], *, key: str) -> Forest:
    ends = [[row["difference"], *_ends(row)] for _, row in rows]
    reach = _reach(max(abs(end) for each in ends for end in each if end is not None))
    lines = [_line(label, row, number, reach) for number, (label, row) in enumerate(rows)]
    return Forest(key, title, a, b, lines)


def _ends(row: Mapping[str, Any]) -> tuple[float | None, float | None]:
    interval = row.get("interval_adjusted") or row["interval"]
    return (interval["low"], interval["high"]) if interval else (None, None)


def _line(label: str, row: Mapping[str, Any], number: int, reach: float) -> Line:
    interval = row.get("interval_adjusted") or row["interval"]
    low, high = _ends(row)
    level = interval["confidence"] if interval else row["confidence"]
    is_whole = "group" not in row
    return Line(label, row["difference"], low, high, level, row["cases"], is_whole, number, reach)


def _reach(most: float) -> float:
    """The next of 5, 10, 20, 50 or 100 points."""
    return next((each for each in (LEAST_REACH, 0.1, 0.2, 0.5) if most <= each), math.ceil(most) or 1.0)


def signed(share: float) -> str:
    """A difference in hundredths with its sign."""
    sign = "+" if share > 0 else MINUS if share < 0 else ""
    return f"{sign}{points(abs(share)) if share else 0}"
