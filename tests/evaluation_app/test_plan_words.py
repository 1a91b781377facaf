"""A plan's figures in words."""

from __future__ import annotations

from typing import Any

import pytest

from evaluation_app.pages.presentation.plan import PlanView

FORECAST: dict[str, Any] = {
    "cost": None,
    "seconds": {"low": 1.0, "high": 2.0},
    "economy": {"cost": None, "hours": 24, "reason": None},
}


@pytest.mark.parametrize(
    ("half_width", "told"), [(0.0112, "± 1 point"), (0.049, "± 5 points"), (0.0036, "± 0.4 points")]
)
def test_how_sure_is_never_nothing_and_one_point_is_one(half_width: float, told: str) -> None:
    facts = dict(PlanView({"samples": 4, "half_width": half_width, "forecast": FORECAST, "warnings": []}).facts)
    assert facts["How sure"] == told
