"""A plan says what a question needs, what so many cases can show, and what it took for granted."""

from __future__ import annotations

from typing import Any

import pytest

from evaluation_app.statistics.errors import InvalidArgument
from evaluation_app.statistics.planning import cases_for_a_verdict, optimal_runs_per_case, plan


def codes(**asked: Any) -> list[str]:
    """The codes of a plan's warnings."""
    return [warning.code for warning in plan(**asked).warnings]


def test_a_half_width_takes_so_many_cases() -> None:
    found = plan(rate=0.5, half_width=0.05, runs=1, icc=0.3)
    assert (found.cases, found.runs_per_case, found.samples) == (385, 1, 385)
    assert found.half_width <= 0.05
    repeated = plan(rate=0.5, half_width=0.05, runs=4, icc=0.25)
    assert (repeated.cases, repeated.samples) == (169, 676)


def test_a_difference_takes_so_many_cases_and_shows_then() -> None:
    found = plan(rate=0.8, difference=0.1, runs=3, icc=0.3)
    assert found.smallest_difference == pytest.approx(0.1, abs=0.001)
    assert found.samples == found.cases * 3 * 2
    assert plan(rate=0.8, difference=0.1, runs=3, icc=0.3, comparisons=3).cases > found.cases
    assert plan(rate=0.8, difference=0.1, runs=3, icc=0.3, power=0.9).cases > found.cases


def test_what_was_not_told_is_said_to_be_assumed() -> None:
    found = plan(half_width=0.1, runs=2)
    assert (found.rate, found.icc, found.assumed) == (0.5, 0.3, ("icc", "rate"))
    assert codes(half_width=0.1, runs=2) == ["icc_assumed", "rate_assumed"]
    assert codes(half_width=0.1, runs=2, icc=0.1, rate=0.9) == []


def test_too_few_cases_are_told_before_anybody_pays() -> None:
    found = plan(cases=5, runs=10, icc=0.3, rate=0.8)
    assert (found.least_p, found.smallest_difference) == (0.0625, None)
    assert codes(cases=5, runs=10, icc=0.3, rate=0.8) == ["cannot_show"]
    assert "it takes 6 that differ" in found.warnings[0].message
    assert codes(cases=6, runs=10, icc=0.3, rate=0.8) == []
    holm = plan(cases=6, runs=10, icc=0.3, rate=0.8, comparisons=2)
    assert (holm.least_p_adjusted, holm.smallest_difference) == (0.0625, None)
    assert codes(cases=1, runs=1, rate=0.8) == ["cannot_show", "one_case", "one_run"]


def test_the_fewest_cases_that_can_show_anything() -> None:
    """C' >= 1 + log2(k/alpha)."""
    assert [cases_for_a_verdict(0.05 / k) for k in (1, 2, 3, 7)] == [6, 7, 7, 9]


def test_more_runs_show_less_and_less() -> None:
    smallest = [plan(cases=50, runs=runs, icc=0.5, rate=0.8).smallest_difference for runs in (1, 3, 10, 1000)]
    assert smallest == sorted(smallest, key=lambda value: value or 0, reverse=True)
    assert smallest[-1] is not None
    assert smallest[-1] > 0.1


def test_the_best_runs_a_case() -> None:
    assert optimal_runs_per_case(1, 1, 0.1, 0.1).runs == 1
    assert optimal_runs_per_case(0, 1, 0.1, 0.1).runs == 1
    assert optimal_runs_per_case(1, 1, 0, 0.1).runs is None
    assert plan(cases=50, runs=1, icc=0.2, cost_of_a_case=9, cost_of_a_run=1).best_runs == 6
    assert plan(cases=50, runs=1, icc=0.2).best_runs is None


def test_a_plan_is_plain_data() -> None:
    assert plan(cases=5, runs=1, icc=0.3).as_json["warnings"][0]["code"] == "cannot_show"


@pytest.mark.parametrize(
    ("argument", "asked"),
    [
        ("half_width", {}),
        ("half_width", {"half_width": 0.1, "difference": 0.1}),
        ("half_width", {"half_width": 0}),
        ("half_width", {"half_width": 1.5}),
        ("half_width", {"half_width": 1e-9}),
        ("difference", {"difference": 0}),
        ("difference", {"difference": 2}),
        ("effect_size", {"difference": 1e-9}),
        ("cases", {"cases": 0}),
        ("cases", {"cases": 1.5}),
        ("runs", {"cases": 5, "runs": 0}),
        ("icc", {"cases": 5, "icc": 1.1}),
        ("rate", {"cases": 5, "rate": -0.1}),
        ("power", {"cases": 5, "power": 1}),
        ("confidence", {"cases": 5, "confidence": 95}),
        ("comparisons", {"cases": 5, "comparisons": 0}),
    ],
)
def test_what_cannot_be_planned_is_refused_by_name(argument: str, asked: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument) as refused:
        plan(**asked)
    assert refused.value.argument == argument
