"""Figures over time as an SVG that needs no script: columns that stand on each other, or curves; places in percent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from foundation.presentation.chart import MOST_LABELS, TOP, Tick

COLOURS: Final = 6
"""Series that have a colour of their own; the last one is that of all others."""


@dataclass(frozen=True)
class Series:
    """One row of figures; None where there is none."""

    name: str
    values: Sequence[float | None]
    summaries: Sequence[str]
    """Each figure in words, for the table."""


@dataclass(frozen=True)
class Piece:
    """A part of a column, in percent."""

    x: float
    y: float
    width: float
    height: float
    colour: int
    title: str


@dataclass(frozen=True)
class Point:
    """A place of a curve, in percent; `is_end` where no other follows it."""

    x: float
    y: float
    title: str


@dataclass(frozen=True)
class Stroke:
    """From one point of a curve to the next one, in percent."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True)
class Curve:
    """A series as it is drawn."""

    colour: int
    strokes: list[Stroke]
    points: list[Point]


@dataclass(frozen=True)
class Flag:
    """A place that somebody should look at."""

    place: int
    """Of its label."""
    text: str


@dataclass(frozen=True)
class PlacedFlag:
    """It, as it is drawn: in percent from the left."""

    x: float
    text: str


@dataclass(frozen=True)
class TimeChart:
    """A picture with its finding for a title, and the same figures for a table."""

    id: str
    finding: str
    unit: str
    head: str
    """What the labels are."""
    labels: Sequence[str]
    series: Sequence[Series]
    highest_text: str
    """The top of the picture in words."""
    is_stacked: bool = True
    download: str = ""
    """Where the figures are as CSV."""
    drawing: str = ""
    """Where the picture is as SVG."""
    flagged: Sequence[Flag] = ()

    @property
    def highest(self) -> float:
        """What reaches the top."""
        if self.is_stacked:
            sums = [sum(each.values[at] or 0 for each in self.series) for at in range(len(self.labels))]
            return max(sums, default=0) or 1
        return max((value or 0 for each in self.series for value in each.values), default=0) or 1

    @property
    def legend(self) -> list[tuple[int, str]]:
        """Colour and name of each series."""
        return [(self._colour(at), each.name) for at, each in enumerate(self.series)]

    def _colour(self, at: int) -> int:
        return min(at, COLOURS - 1) + 1

    @property
    def _step(self) -> float:
        return 100 / max(len(self.labels), 1)

    @property
    def pieces(self) -> list[Piece]:
        """The columns' parts, each on top of those before it."""
        gap = min(self._step * 0.2, 1.0)
        width = round(min(self._step - gap, 8.0), 3)
        found = []
        for place, label in enumerate(self.labels):
            y = 100.0
            for at, each in enumerate(self.series):
                if value := each.values[place]:
                    height = value / self.highest * (100 - TOP)
                    y -= height
                    title = f"{label}, {each.name}: {each.summaries[place]}"
                    x = round(self._step * place + gap / 2, 3)
                    found.append(Piece(x, round(y, 3), width, round(height, 3), self._colour(at), title))
        return found

    @property
    def curves(self) -> list[Curve]:
        """The series as lines, broken where there is no figure."""
        found = []
        for at, each in enumerate(self.series):
            places = [
                None if value is None else (self._step * (place + 0.5), 100 - value / self.highest * (100 - TOP))
                for place, value in enumerate(each.values)
            ]
            strokes = [
                Stroke(*(round(number, 3) for number in (*one, *other)))
                for one, other in pairwise(places)
                if one and other
            ]
            points = [
                Point(round(place[0], 3), round(place[1], 3), f"{label}, {each.name}: {summary}")
                for place, label, summary in zip(places, self.labels, each.summaries, strict=True)
                if place
            ]
            found.append(Curve(self._colour(at), strokes, points))
        return found

    @property
    def ticks(self) -> list[Tick]:
        """The first label, the last, and some between."""
        last = len(self.labels) - 1
        if last < 0:
            return []
        places = sorted({round(last * part / (MOST_LABELS - 1)) for part in range(MOST_LABELS)})
        return [self._tick(at, last) for at in places]

    def _tick(self, at: int, last: int) -> Tick:
        if at == 0:
            return Tick(0, "start", self.labels[0])
        if at == last:
            return Tick(100, "end", self.labels[last])
        return Tick(round(self._step * (at + 0.5), 3), "middle", self.labels[at])

    @property
    def flags(self) -> list[PlacedFlag]:
        """The places to look at, each once."""
        texts = self._flagged_texts()
        return [
            PlacedFlag(round(self._step * (at + 0.5), 3), f"{self.labels[at]}: {text}") for at, text in texts.items()
        ]

    def _flagged_texts(self) -> dict[int, str]:
        found: dict[int, list[str]] = {}
        for flag in self.flagged:
            found.setdefault(flag.place, []).append(flag.text)
        return {place: "; ".join(dict.fromkeys(texts)) for place, texts in sorted(found.items())}

    @property
    def rows(self) -> list[tuple[str, list[str], str]]:
        """The table, a row a label, with why it is flagged."""
        texts = self._flagged_texts()
        return [
            (label, [each.summaries[at] for each in self.series], texts.get(at, ""))
            for at, label in enumerate(self.labels)
        ]
