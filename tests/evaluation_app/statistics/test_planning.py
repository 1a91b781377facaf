"""A plan says what a question needs, what so many cases can show, and what it took for granted."""

from __future__ import annotations

from typing import Any

import numpy
import pytest

from evaluation_app.statistics.clustering import Passes
from evaluation_app.statistics.errors import InvalidArgument
from evaluation_app.statistics.planning import cases_for_half_width, optimal_runs_per_case, plan
from evaluation_app.statistics.power import cases_for_a_verdict
from evaluation_app.statistics.proportions import success_rate


def codes(**asked: Any) -> list[str]:
    """The codes of a plan's warnings."""
    return [warning.code for warning in plan(**asked).warnings]


def test_a_half_width_takes_so_many_cases() -> None:
    found = plan(rate=0.5, half_width=0.05, runs=1, icc=0.3)
    assert (found.cases, found.runs_per_case, found.samples) == (385, 1, 385)
    assert found.half_width <= 0.05
    repeated = plan(rate=0.5, half_width=0.05, runs=4, icc=0.25)
    assert cases_for_half_width(0.5, 0.05, 0.95, 4, 0.25) == 169
    assert (repeated.cases, repeated.samples) == (172, 688)


@pytest.mark.parametrize("rate", [0, 0.01, 0.05, 0.5, 0.9, 0.949, 0.95, 0.951, 0.99, 1])
@pytest.mark.parametrize("half_width", [0.005, 0.05, 0.1, 0.4])
@pytest.mark.parametrize(("runs", "icc"), [(1, 0.3), (4, 0.25), (10, 0.0)])
def test_the_half_width_told_is_the_one_asked_for(rate: float, half_width: float, runs: int, icc: float) -> None:
    found = plan(rate=rate, half_width=half_width, runs=runs, icc=icc)
    assert found.half_width <= half_width
    wald = cases_for_half_width(rate, half_width, 0.95, runs, icc)
    fewer = plan(rate=rate, cases=max(1, found.cases - 1), runs=runs, icc=icc)
    assert found.cases == wald or (found.cases > wald and fewer.half_width > half_width)


@pytest.mark.parametrize(("cases", "passed"), [(36, 36), (100, 99), (100, 95), (50, 47), (100, 90), (40, 20)])
def test_the_half_width_of_single_runs_is_that_of_the_figure_that_is_shown(cases: int, passed: int) -> None:
    shown = success_rate([Passes(1, int(i < passed)) for i in range(cases)]).interval
    assert shown is not None
    found = plan(rate=passed / cases, cases=cases, runs=1)
    assert found.half_width == pytest.approx((shown.high - shown.low) / 2, abs=1e-9)


@pytest.mark.parametrize("rate", [0.5, 0.9, 0.97])
def test_the_half_width_of_repeated_runs_is_about_that_of_the_figure_that_is_shown(rate: float) -> None:
    random, widths = numpy.random.default_rng(5), []
    for _ in range(300):
        passed = random.binomial(5, random.beta(rate * 7 / 3, (1 - rate) * 7 / 3, size=60))
        shown = success_rate([Passes(5, int(each)) for each in passed]).interval
        assert shown is not None
        widths.append((shown.high - shown.low) / 2)
    assert plan(rate=rate, cases=60, runs=5, icc=0.3).half_width == pytest.approx(numpy.mean(widths), rel=0.08)


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
    assert plan(cases=1).warnings[0].message.startswith("With 1 case no difference")
    assert plan(cases=2).warnings[0].message.startswith("With 2 cases no difference")


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
        ("difference", {"difference": 1e-9}),
        ("difference", {"rate": 1, "difference": 1e-17}),
        ("difference", {"rate": 0.5, "difference": 0.6}),
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
