"""Budgets of the month as pictures: what is left by day, and where that leads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import sqrt
from statistics import mean, stdev
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.models import User
from analytics.usage.answering import answer
from analytics.usage.asking import Asked
from analytics.usage.people import people_of
from foundation.presentation.series import Series, TimeChart
from foundation.presentation.words import NOTHING
from foundation.problems import Problem
from foundation.words import money
from quotas.ledger.standing import Amount, Standing, standings_of
from quotas.models import Measure, Period, SubjectKind

ENOUGH: Final = 3
"""Days from which on it is told where it leads."""
Z: Final = 1.959963984540054
"""Of a 95 % band."""
WHOSE: Final = {
    SubjectKind.USER: "Your budget",
    SubjectKind.TEAM: "The team's budget",
    SubjectKind.ORGANISATION: "The organisation's budget",
}


@dataclass(frozen=True)
class Path:
    """USD spent by the end of each day from today on: expected, and the band that 95 of 100 months stay in, if days go
    on as they did.
    """

    expected: list[float]
    least: list[float]
    most: list[float]


def budgets_of(user: User, *, now: datetime) -> list[TimeChart]:
    """One picture for each budget of the month that the user's runs meet and whose use they may see."""
    found = []
    for standing in standings_of(user_id=user.id):
        amount = next((each for each in standing.amounts if each.measure == Measure.COST), None)
        if (
            standing.period == Period.MONTH
            and amount
            and amount.limit
            and (people := _people(user, standing)) is not None
        ):
            found.append(_picture(standing, amount, _by_day(user, standing, people, now=now), now=now))
    return found


def _people(user: User, standing: Standing) -> tuple[UUID, ...] | None:
    asked: dict[SubjectKind, dict[str, Any]] = {
        SubjectKind.USER: {"user_id": user.id},
        SubjectKind.TEAM: {"team_id": UUID(standing.subject_id)} if standing.subject_kind == SubjectKind.TEAM else {},
        SubjectKind.ORGANISATION: {"organisation": standing.subject_id},
    }
    if standing.subject_kind not in asked:
        return None
    try:
        return people_of(user, **asked[standing.subject_kind])
    except Problem:
        return None


def _by_day(user: User, standing: Standing, people: tuple[UUID, ...], *, now: datetime) -> list[float]:
    """USD of each day from the period's first to today."""
    before = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    asked = Asked(standing.starts_at, before, standing.time_zone, ("day",), people)
    spent = {row["group"]["day"]: row["cost"] for row in answer(asked, viewer=user)["results"]}
    today = now.astimezone(ZoneInfo(standing.time_zone)).date()
    days = (today - standing.starts_on).days + 1
    return [spent.get((standing.starts_on + timedelta(days=day)).isoformat(), 0.0) for day in range(days)]


def path_of(spent: list[float], *, used: float, days: int) -> Path | None:
    """Where the days so far lead in `days` more, from `used` on; None where they are too few. The last of them, which
    is not over, is left out.
    """
    whole = spent[:-1]
    if len(whole) < ENOUGH:
        return None
    usual, spread = mean(whole), stdev(whole)
    expected = [used + usual * day for day in range(days + 1)]
    band = [Z * spread * sqrt(day) for day in range(days + 1)]
    return Path(
        expected,
        [max(used, each - wide) for each, wide in zip(expected, band, strict=True)],
        [each + wide for each, wide in zip(expected, band, strict=True)],
    )


def _picture(standing: Standing, amount: Amount, spent: list[float], *, now: datetime) -> TimeChart:
    limit, used = float(amount.limit), float(amount.used)
    last = (standing.ends_at - timedelta(microseconds=1)).astimezone(ZoneInfo(standing.time_zone)).date()
    days = [standing.starts_on + timedelta(days=day) for day in range((last - standing.starts_on).days + 1)]
    today = len(spent) - 1
    left: list[float | None] = [limit - sum(spent[: day + 1]) for day in range(today)]
    left = [
        None if each is None else max(each, 0.0) for each in [*left, limit - used, *[None] * (len(days) - today - 1)]
    ]
    series = [_series("left", left)]
    path = path_of(spent, used=used, days=len(days) - today - 1)
    if path:
        for name, values in (("as it goes", path.expected), ("at best", path.least), ("at worst", path.most)):
            series.append(_series(name, [*[None] * today, *(max(limit - value, 0.0) for value in values)]))
    return TimeChart(
        f"budget-{standing.subject_kind}-{standing.subject_id}",
        f"{WHOSE[standing.subject_kind]}: {_finding(limit, used, path, days[today:])}",
        f"USD left at the end of a day ({standing.time_zone}); band of 95 of 100 months", "Day",
        [f"{day.day} {day:%b}" for day in days], series, money(limit), is_stacked=False,
    )  # fmt: skip


def _finding(limit: float, used: float, path: Path | None, days: list[date]) -> str:
    if used >= limit:
        return f"all of {money(limit)} is used"
    if path is None:
        return f"{money(used)} of {money(limit)} is used"
    gone = next((day for day, spent in zip(days, path.expected, strict=True) if spent >= limit), None)
    if gone:
        return f"as it goes, {money(limit)} is used up on {gone.day} {gone:%B}"
    return f"as it goes, {money(path.expected[-1])} of {money(limit)} is used at the month's end"


def _series(name: str, values: list[float | None]) -> Series:
    return Series(
        name, values, [NOTHING if value is None else money(value) if value else "nothing" for value in values]
    )
