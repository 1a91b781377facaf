"""How often an error came on each of the last days, as `components/chart.html` draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

TOP: Final = 10.0
"""Percent above the highest column: room for its figure."""


@dataclass(frozen=True)
class Curve:
    """Columns from left to right, places in percent of the picture; the same figures for its table."""

    days: Sequence[tuple[datetime, int]]
    unit: str = "Times a day (UTC)"
    head: str = "Day"
    is_upright: bool = True

    @property
    def finding(self) -> str:
        """What the picture shows, in a sentence."""
        total = sum(count for _, count in self.days)
        if not total:
            return f"Not seen in the last {len(self.days)} days"
        day, most = max(self.days, key=lambda each: each[1])
        return f"Seen {total} times in the last {len(self.days)} days, most on {day:%Y-%m-%d}: {most}"

    @property
    def highest_bar(self) -> int:
        """The largest figure."""
        return max(count for _, count in self.days)

    @property
    def bars(self) -> list[dict[str, Any]]:
        """The figures."""
        return [{"label": f"{day:%Y-%m-%d}", "summary": count} for day, count in self.days]

    @property
    def columns(self) -> list[dict[str, Any]]:
        """What is drawn."""
        step, highest = 100 / len(self.days), self.highest_bar or 1
        heights = [max(count / highest * (100 - TOP), 0.8 if count else 0) for _, count in self.days]
        return [
            {"bar": bar, "x": round(step * at, 3), "width": round(step - 1, 3), "y": 100 - height, "height": height}
            for at, (bar, height) in enumerate(zip(self.bars, heights, strict=True))
        ]

    @property
    def ticks(self) -> list[dict[str, Any]]:
        """The first day and the last."""
        first, last = self.bars[0]["label"], self.bars[-1]["label"]
        return [{"x": 0, "anchor": "start", "text": first}, {"x": 100, "anchor": "end", "text": last}]
