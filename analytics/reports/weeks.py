"""Weeks as ISO 8601 counts them, from Monday to Sunday by the clocks of one time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

EARLIEST: Final = 2000
"""Years before hold no runs."""
SHAPE: Final = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)
_LENGTH: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Week:
    """One of them."""

    monday: date
    zone: str

    def __str__(self) -> str:
        """Such as 2026-W47."""
        year, number, _ = self.monday.isocalendar()
        return f"{year}-W{number:02}"

    @property
    def begin(self) -> datetime:
        """Its first moment (UTC)."""
        return datetime.combine(self.monday, time(), ZoneInfo(self.zone)).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """The first moment after it (UTC): 167 or 169 hours after its first where clocks are changed in it."""
        return self.next.begin

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + timedelta(days=6)

    @property
    def previous(self) -> Week:
        """The week before."""
        return replace(self, monday=self.monday - _LENGTH)

    @property
    def next(self) -> Week:
        """The week after."""
        return replace(self, monday=self.monday + _LENGTH)


def week_of(text: str, *, zone: str) -> Week:
    """The week of this name. Raises ValueError with a sentence for what is none."""
    parts = SHAPE.fullmatch(text)
    if parts is None:
        raise ValueError("A week (ISO 8601) is expected, such as 2026-W47.")
    year, number = map(int, parts.groups())
    if not EARLIEST <= year < 9999:
        raise ValueError(f"Weeks are told of from {EARLIEST} on.")
    try:
        return Week(date.fromisocalendar(year, number, 1), zone)
    except ValueError:
        raise ValueError(f"The year {year} has no week {number}.") from None


def week_at(moment: datetime, *, zone: str) -> Week:
    """The week that this moment lies in."""
    day = moment.astimezone(ZoneInfo(zone)).date()
    return Week(day - timedelta(days=day.weekday()), zone)


def a_week_before(moment: datetime, *, zone: str) -> datetime:
    """The moment (UTC) at which clocks showed the same a week before."""
    return (moment.astimezone(ZoneInfo(zone)) - _LENGTH).astimezone(UTC)
