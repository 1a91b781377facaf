"""The cases that a plan tells show the difference as often as it says, by the verdict that a test gives."""

from __future__ import annotations

from functools import cache

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation_app.statistics.cases import CaseTotal
from evaluation_app.statistics.comparing import compare_variants
from evaluation_app.statistics.errors import InvalidArgument
from evaluation_app.statistics.planning import plan
from evaluation_app.statistics.power import Differences, differences_of_a_case, power_of_verdict
from evaluation_app.statistics.verdicts import Outcome

SHOWN = (Outcome.A_BETTER, Outcome.B_BETTER)
RATES = (0.0, 0.01, 0.2, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
DIFFERENCES = (0.05, 0.1, 0.2, 0.3)


def is_shown(a: tuple[int, ...], b: tuple[int, ...], runs: int = 1) -> bool:
    """Whether a test of these passes a case gives a verdict."""
    sides = [[CaseTotal(f"{i:04}", runs, passed) for i, passed in enumerate(side)] for side in (a, b)]
    (found,) = compare_variants({"A": sides[0], "B": sides[1]}, seed=1)
    return found.outcome in SHOWN


@cache
def shows(cases: int, lost: int, won: int) -> bool:
    """The same of single runs, of which so many cases were lost and won."""
    same = cases - lost - won
    return is_shown((1,) * lost + (0,) * won + (1,) * same, (0,) * lost + (1,) * won + (1,) * same)


def simulated(cases: int, rate: float, other: float, tests: int = 1_500) -> float:
    """The share of tests of independent cases, one run each, that give a verdict."""
    lost, won = rate * (1 - other), other * (1 - rate)
    drawn = numpy.random.default_rng(11).multinomial(cases, [lost, won, max(0.0, 1 - lost - won)], size=tests)
    return sum(shows(cases, int(row[0]), int(row[1])) for row in drawn) / tests


@pytest.mark.parametrize(
    ("rate", "difference"),
    [(0.5, 0.3), (0.8, 0.3), (0.9, 0.2), (0.95, 0.2), (0.99, 0.1), (0.99, 0.3), (1.0, 0.1), (0.05, 0.3)],
)
def test_the_cases_told_show_the_difference_as_often_as_told(rate: float, difference: float) -> None:
    found = plan(rate=rate, difference=difference, runs=1)
    other = rate - difference if rate >= 0.5 else rate + difference
    assert 0.77 < simulated(found.cases, rate, other) < 0.84
    assert simulated(round(0.85 * found.cases), rate, other) < 0.77


@pytest.mark.parametrize(("rate", "difference", "runs", "icc"), [(1.0, 0.3, 3, 0.3), (0.95, 0.3, 10, 0.1)])
def test_the_cases_told_of_several_runs_are_enough(rate: float, difference: float, runs: int, icc: float) -> None:
    cases, random = plan(rate=rate, difference=difference, runs=runs, icc=icc).cases, numpy.random.default_rng(3)

    def passes(of: float) -> tuple[int, ...]:
        likely, worth = min(max(of, 1e-9), 1 - 1e-9), (1 - icc) / icc
        return tuple(random.binomial(runs, random.beta(likely * worth, (1 - likely) * worth, size=cases)).tolist())

    shown = sum(is_shown(passes(rate), passes(rate - difference), runs) for _ in range(150))
    assert shown / 150 > 0.75


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("difference", DIFFERENCES)
def test_neither_the_other_direction_nor_cases_in_common_take_more(rate: float, difference: float) -> None:
    cases = plan(rate=rate, difference=difference, runs=1).cases
    planned = differences_of_a_case(rate, difference, 1, 0.3)
    assert power_of_verdict(cases, planned, 0.05) >= 0.8
    for other in (rate - difference, rate + difference):
        if not -1e-9 <= other <= 1 + 1e-9:
            continue
        with_it, against = sorted((rate * (1 - other), other * (1 - rate)), reverse=True)
        for common in (0.0, 0.3, 0.6, 0.9):
            apart = with_it + against - 2 * common * against
            less = Differences(apart, max(0.0, (1 - common) * against) / apart, 1.0)
            assert power_of_verdict(cases, less, 0.05) >= 0.79


@settings(max_examples=60, deadline=None)
@given(
    rate=st.sampled_from(RATES) | st.floats(0, 1),
    cases=st.integers(6, 3_000) | st.integers(6, 10_000_000),
    runs=st.sampled_from([1, 1, 2, 10, 1_000]),
    icc=st.sampled_from([0.0, 0.3, 1.0]),
    power=st.sampled_from([0.5, 0.8, 0.95]),
)
def test_the_smallest_difference_takes_about_the_cases_that_show_it(
    rate: float, cases: int, runs: int, icc: float, power: float
) -> None:
    found = plan(rate=rate, cases=cases, runs=runs, icc=icc, power=power)
    if found.smallest_difference is None:
        largest = plan(rate=rate, difference=max(rate, 1 - rate), runs=runs, icc=icc, power=power)
        assert largest.cases > cases
        return
    assert found.smallest_difference >= 6 / (cases * runs) * (1 - 1e-9)
    again = plan(rate=rate, difference=found.smallest_difference, runs=runs, icc=icc, power=power)
    assert 0.93 * cases - 3 <= again.cases <= cases


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("difference", DIFFERENCES)
def test_a_planned_difference_is_about_the_smallest_that_is_shown(rate: float, difference: float) -> None:
    found = plan(rate=rate, difference=difference, runs=1)
    assert found.smallest_difference is not None
    assert max(0.93 * difference, 6 / found.cases) <= found.smallest_difference <= difference


def test_counting_and_the_normal_distribution_meet() -> None:
    """At 0.5 and 5 points there are 800 differing cases at 1,600."""
    of_a_case = differences_of_a_case(0.5, 0.05, 1, 0.3)
    for alpha in (0.05, 0.001):
        few, many = (power_of_verdict(cases, of_a_case, alpha) for cases in (1_600, 1_601))
        assert few == pytest.approx(many, abs=0.005)


def test_a_difference_that_no_rate_has_is_refused_and_one_that_some_rate_has_is_planned() -> None:
    with pytest.raises(InvalidArgument, match=r"no rate lies 0\.6 from 0\.5"):
        plan(rate=0.5, difference=0.6)
    found = plan(difference=0.6)
    assert (found.rate, found.assumed) == (0.6, ("icc", "rate", "runs"))
    assert any("0.6 is assumed" in warning.message for warning in found.warnings)
