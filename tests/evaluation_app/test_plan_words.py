"""A plan's figures in words."""

from __future__ import annotations

from typing import Any

import pytest

from evaluation_app.pages.presentation.plan import PlanView
from foundation.words import THIN

FORECAST: dict[str, Any] = {
    "input": {"tokens": 1234, "method": "tokenizer", "reason": "Counted with o200k_base."},
    "cost": None,
    "reason": None,
    "seconds": {"low": 1.0, "high": 2.0},
    "economy": {"cost": None, "hours": 24, "reason": None},
}


@pytest.mark.parametrize(
    ("half_width", "told"), [(0.0112, "± 1 point"), (0.049, "± 5 points"), (0.0036, "± 0.4 points")]
)
def test_how_sure_is_never_nothing_and_one_point_is_one(half_width: float, told: str) -> None:
    facts = dict(PlanView({"samples": 4, "half_width": half_width, "forecast": FORECAST, "warnings": []}).facts)
    assert facts["How sure"] == told


def facts_of(**forecast: Any) -> tuple[dict[str, str], str]:
    view = PlanView({"samples": 4, "half_width": 0.05, "forecast": {**FORECAST, **forecast}, "warnings": []})
    return dict(view.facts), view.reasons


def test_a_cost_is_a_range_with_its_reason_and_the_most_beside_it() -> None:
    cost = {"low": 0.0012, "expected": 0.002, "long": 0.25, "high": 7.5}
    facts, reasons = facts_of(cost=cost, reason="The cost is from answers of one token to ones as long as you had.")
    assert (facts["Cost"], facts["At most"]) == ("≈ $0.0012 to $0.2500", "$7.50")
    assert reasons == (
        "Counted with o200k_base. The cost is from answers of one token to ones as long as you had."
        " With usual answers it is about $0.0020."
    )


def test_what_costs_nothing_has_no_range() -> None:
    facts, reasons = facts_of(cost=dict.fromkeys(("low", "expected", "long", "high"), 0.0), reason="The cost is.")
    assert facts["Cost"] == "no cost"
    assert "At most" not in facts
    assert reasons == "Counted with o200k_base."


def test_without_a_price_no_cost_is_told() -> None:
    facts, _ = facts_of()
    assert facts["Cost"] == "not known: a price is missing"
    assert "At most" not in facts


def test_only_an_estimate_is_called_one() -> None:
    assert facts_of()[0]["Sent"] == f"1{THIN}234 tokens, counted"
    rough = {"tokens": 1, "method": "estimated", "reason": "Estimated."}
    assert facts_of(input=rough)[0]["Sent"] == "about 1 token, estimated"
