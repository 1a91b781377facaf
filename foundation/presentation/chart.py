"""Bars as an SVG that needs no script: places in percent of the picture, so that its words keep their size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

TOP: Final = 10.0
"""Percent above the highest bar: room for its figure."""
MOST_LABELS: Final = 4


@dataclass(frozen=True)
class Bar:
    """One figure; None where there is none to draw."""

    label: str
    value: float | None
    summary: str


@dataclass(frozen=True)
class Column:
    """A bar's place in the picture, in percent."""

    bar: Bar
    x: float
    width: float
    y: float
    height: float


@dataclass(frozen=True)
class Tick:
    """A label below the columns."""

    x: float
    anchor: str
    text: str


@dataclass(frozen=True)
class Line:
    """A bar that lies: its place from above in pixels, its length in percent."""

    bar: Bar
    text_y: int
    bar_y: int
    width: float


@dataclass(frozen=True)
class Chart:
    """A picture with its finding for a title, and the same figures for a table."""

    id: str
    finding: str
    unit: str
    head: str
    """What the labels are."""
    bars: Sequence[Bar]
    is_upright: bool = False

    @property
    def highest(self) -> float:
        """The largest figure; 1 where all are nothing, so that a bar has a length."""
        return max((bar.value or 0 for bar in self.bars), default=0) or 1

    @property
    def highest_bar(self) -> str:
        """The largest figure in words."""
        return max(self.bars, key=lambda bar: bar.value or 0).summary

    @property
    def columns(self) -> list[Column]:
        """Upright bars, from left to right."""
        step = 100 / max(len(self.bars), 1)
        gap = min(step * 0.2, 1.0)
        return [
            Column(bar, round(step * at + gap / 2, 3), round(min(step - gap, 8.0), 3), 100 - height, height)
            for at, bar in enumerate(self.bars)
            for height in (self._height(bar),)
        ]

    def _height(self, bar: Bar) -> float:
        share = (bar.value or 0) / self.highest
        return round(max(share * (100 - TOP), 0.8 if bar.value else 0), 3)

    @property
    def ticks(self) -> list[Tick]:
        """The first label, the last, and some between."""
        columns = self.columns
        if not columns:
            return []
        last = len(columns) - 1
        places = sorted({round(last * part / (MOST_LABELS - 1)) for part in range(MOST_LABELS)})
        return [self._tick(columns[at], at, last) for at in places]

    def _tick(self, column: Column, at: int, last: int) -> Tick:
        if at == 0:
            return Tick(column.x, "start", column.bar.label)
        if at == last:
            return Tick(column.x + column.width, "end", column.bar.label)
        return Tick(column.x + column.width / 2, "middle", column.bar.label)

    @property
    def lines(self) -> list[Line]:
        """Bars that lie, from above, each below its label."""
        return [
            Line(bar, 34 * at + 14, 34 * at + 20, round(100 * (bar.value or 0) / self.highest, 3))
            for at, bar in enumerate(self.bars)
        ]

    @property
    def height(self) -> int:
        """Of the lying bars' picture, in pixels."""
        return 34 * len(self.bars)
