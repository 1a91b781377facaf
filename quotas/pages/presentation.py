"""Limits in words and bars, for the pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from foundation.words import dollars, number
from quotas.ledger.standing import Amount, Standing
from quotas.models import Measure, Period, SubjectKind

WHOSE: Final = {
    SubjectKind.USER: "Yours",
    SubjectKind.TEAM: "Team",
    SubjectKind.ORGANISATION: "Organisation",
    SubjectKind.PROJECT: "Project",
    SubjectKind.TOKEN: "API token",
    SubjectKind.THROTTLE: "Held back, as your use is unlike before",
}
NEAR, FULL = 0.8, 1.0


@dataclass(frozen=True)
class Line:
    """One measure of one limit."""

    standing: Standing
    amount: Amount
    name: str
    """What the subject is called."""
    now: datetime

    @property
    def whose(self) -> str:
        """Whose limit it is."""
        if self.standing.subject_kind in (SubjectKind.USER, SubjectKind.THROTTLE):
            return WHOSE[self.standing.subject_kind]
        return f"{WHOSE[self.standing.subject_kind]} {self.name}"

    @property
    def percent(self) -> int:
        """Used, of the limit; 100 where it is full, and where it was passed."""
        return min(100, int(self.amount.share * 100))

    @property
    def state(self) -> str:
        """How near the end is: empty, `near` or `full`."""
        if self.amount.share >= FULL or not self.amount.left:
            return "full"
        return "near" if self.amount.share >= NEAR else ""

    @property
    def used(self) -> str:
        """Used, of how much."""
        return f"{figure(self.amount.measure, self.amount.used)} of {figure(self.amount.measure, self.amount.limit)}"

    @property
    def left(self) -> str:
        """What is left, with its unit."""
        return figure(self.amount.measure, self.amount.left, unit=True)

    @property
    def reserved(self) -> str:
        """What is set aside; empty where nothing is."""
        return figure(self.amount.measure, self.amount.reserved, unit=True) if self.amount.reserved else ""

    @property
    def pace(self) -> str:
        """What the period comes to as it goes; empty where that says nothing yet."""
        pace = self.amount.pace(self.standing.elapsed(self.now))
        return figure(self.amount.measure, pace, unit=True) if pace else ""

    @property
    def is_too_fast(self) -> bool:
        """Whether the limit is reached before the period's end, as it goes."""
        pace = self.amount.pace(self.standing.elapsed(self.now))
        return pace is not None and pace > self.amount.limit

    @property
    def span(self) -> str:
        """`today` or `this month`."""
        return "today" if self.standing.period == Period.DAY else "this month"


def figure(measure: Measure, amount: Decimal, *, unit: bool = False) -> str:
    """A figure as people read it; money to the cent, or to what there is of one."""
    if measure == Measure.COST:
        places = 2 if not amount or amount >= Decimal("0.01") else 6
        return dollars(amount, places=places)
    text = number(amount, places=0)
    return f"{text} {measure}" if unit else text


def tightest(lines: Iterable[Line]) -> Line | None:
    """The line of which the least is left: what the bar shows. Money first, where it is near its end or nothing is."""
    found = sorted(lines, key=lambda line: (-_rank(line), line.amount.measure != Measure.COST, -line.amount.share))
    return found[0] if found else None


def _rank(line: Line) -> int:
    return ("", "near", "full").index(line.state)
