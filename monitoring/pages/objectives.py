"""`/monitoring/objectives`: whether the service keeps its own objectives, for administrators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.pages.answers import answers_problems_on_the_page, user_of
from foundation.presentation.series import Series, TimeChart
from foundation.presentation.words import NOT_ENOUGH, NOTHING
from foundation.words import THIN, number
from monitoring.errors.deciding import must_administer
from monitoring.objectives.budgets import OBJECTIVES, Objective, Standing, burning_down
from monitoring.objectives.reading import Objectives, all_standings, objectives_of

NAMES: Final = {"1h": "1 hour", "1d": "1 day", "7d": "7 days", "30d": "30 days"}


@dataclass(frozen=True)
class Line:
    """One window of one objective, in words."""

    window: str
    good: str
    basis: str
    left: str
    burn: str
    verdict: str


@never_cache
@require_GET
@answers_problems_on_the_page
def objectives(request: HttpRequest) -> HttpResponse:
    """Each objective in four windows, and how its budget burns down."""
    must_administer(user_of(request))
    told = objectives_of(now=timezone.now())
    tables = [
        (each, _percent(each.aim, digits=1), [_line(window, standing) for window, standing in standings])
        for each, standings in all_standings(told)
    ]
    context = {"told": told, "tables": tables, "chart": _burning(told)}
    return render(request, "monitoring/objectives.html", context)


def _line(window: str, standing: Standing) -> Line:
    basis = f"n = {number(round(standing.n))}, {number(round(standing.bad))} bad"
    if standing.share_good is None or standing.burn_rate is None or standing.budget_left is None:
        return Line(NAMES[window], NOT_ENOUGH, "n = 0", NOTHING, NOTHING, "nothing counted")
    verdict = "met" if standing.is_met else "missed"
    return Line(
        NAMES[window],
        _percent(standing.share_good, digits=3),
        basis,
        _percent(standing.budget_left, digits=1),
        f"{standing.burn_rate:.2g}{THIN}\N{MULTIPLICATION SIGN}",
        verdict if standing.is_enough else f"{verdict}, of too few to say much",
    )


def _burning(told: Objectives) -> TimeChart | None:
    if told.watched_since is None:
        return None
    first = told.slots[0].at
    labels = [f"{first + timedelta(days=at + 1):%d %b}" for at in range(30)]
    left = {each: burning_down(each, told.days(each)) for each in OBJECTIVES}
    series = [_series(each, values) for each, values in left.items()]
    last = [(values[-1], each.name) for each, values in left.items()]
    lowest = min(((value, name) for value, name in last if value is not None), default=None)
    if lowest is None:
        finding = "Nothing is counted yet to judge by"
    elif lowest[0] < 0:
        finding = f"The 30 days' budget of {lowest[1]} is overdrawn"
    else:
        finding = f"Of {lowest[1]}, {_percent(lowest[0], digits=1)} of the 30 days' budget is left"
    return TimeChart(
        "budgets", finding, "Budget left (UTC); an overdrawn one lies at 0", "Up to", labels, series,
        _percent(1, digits=0), is_stacked=False,
    )  # fmt: skip


def _series(objective: Objective, left: Sequence[float | None]) -> Series:
    drawn = [None if value is None else max(0.0, value) for value in left]
    return Series(objective.name, drawn, [NOTHING if value is None else _percent(value, digits=1) for value in left])


def _percent(share: float, *, digits: int) -> str:
    """Towards the worse side: what is short of an aim never looks as if it met it."""
    cut = int(share * 100 * 10**digits + (1e-6 if share >= 0 else -1e-6)) / 10**digits
    return f"{cut:.{digits}f}{THIN}%".replace("-", "\N{MINUS SIGN}")
