"""Quality against cost: what a test of several found, the newest one of the period or the one that is chosen."""

from __future__ import annotations

from typing import Any, Final

from django.urls import reverse

from accounts.models import User
from analytics.pages.dashboard.choice import Choice
from foundation.presentation.tradeoff import Point, Tradeoff
from templates_app.versions.measured import Period, SideBySide, side_by_side

ID: Final = "quality"
MOST_TESTS: Final = 8


def shown(user: User, choice: Choice) -> dict[str, Any]:
    """For the page: the picture of a test, and the others that could be shown; empty without tests."""
    tests = tests_of(user, choice)
    test = chosen_of(tests, choice)
    if test is None:
        return {}
    addresses = choice.address(reverse("quality-csv")), choice.address(reverse("analytics-svg", args=[ID]))
    others = [(choice.address(test=str(each.test_id)), each) for each in tests if each is not test]
    return {"quality": picture_of(test, *addresses), "quality_test": test, "quality_others": others}


def tests_of(user: User, choice: Choice) -> list[SideBySide]:
    """Those of the period and people, the newest first."""
    asked = choice.asked
    return side_by_side(user, Period(asked.since, asked.before, asked.people), most=MOST_TESTS)


def chosen_of(tests: list[SideBySide], choice: Choice) -> SideBySide | None:
    """The one that the address names, else the newest."""
    wanted = choice.given.get("test")
    return next((each for each in tests if str(each.test_id) == wanted), tests[0] if tests else None)


def picture_of(test: SideBySide, download: str = "", drawing: str = "") -> Tradeoff:
    """All that it compared."""
    points = [
        Point(each.name, 1_000 * each.cost_per_run, each.rate, each.low, each.high, each.samples)
        for each in test.compared
    ]
    return Tradeoff(ID, points, test.name, download, drawing)
