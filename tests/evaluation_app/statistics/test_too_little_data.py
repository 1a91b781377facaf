"""Not enough data is a value of its own, and wrong input is refused by name."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from evaluation_app.statistics.agreement import cohens_kappa
from evaluation_app.statistics.bounds import errors_as_bounds
from evaluation_app.statistics.cases import CaseTotal, in_order
from evaluation_app.statistics.clustering import Passes, effective_samples, icc_anova, shrunk_icc
from evaluation_app.statistics.differences import bonett_price, effect_size, paired_t, units_of
from evaluation_app.statistics.errors import InvalidArgument
from evaluation_app.statistics.figures import Estimand, Estimate, Missing
from evaluation_app.statistics.multiplicity import holm
from evaluation_app.statistics.permutation import sign_flip_exact, sign_flip_test
from evaluation_app.statistics.proportions import clopper_pearson_interval, success_rate, wilson_interval
from evaluation_app.statistics.regression import difference_on_these_cases
from evaluation_app.statistics.reliability import exact_agreement, pass_at_k, pass_hat_k
from evaluation_app.statistics.scores import (
    bounded_mean,
    clustered_t_interval,
    mean_of_case_means,
    percentile,
    quantiles,
    standard_error,
)
from evaluation_app.statistics.tables import fisher_exact, mcnemar_exact


@pytest.mark.parametrize(
    ("figure", "reason"),
    [
        (success_rate([]), Missing.NO_SCORED_SAMPLES),
        (success_rate([Passes(0, 0)] * 3, gate=True), Missing.NO_SCORED_SAMPLES),
        (wilson_interval(0, 0), Missing.NO_SCORED_SAMPLES),
        (bounded_mean([[], []]), Missing.NO_SCORED_SAMPLES),
        (mean_of_case_means([]), Missing.NO_MEASUREMENTS),
        (quantiles([], [0.5], seed=1)[0], Missing.NO_MEASUREMENTS),
        (difference_on_these_cases([[1.0]], [[0.0]], seed=1), Missing.TOO_FEW_RUNS),
        (difference_on_these_cases([[]], [[]], seed=1), Missing.NO_SCORED_SAMPLES),
        (cohens_kappa([[9, 0], [0, 0]]).kappa, Missing.NO_VARIATION),
    ],
)
def test_what_cannot_be_told_is_no_figure_and_says_why(figure: Estimate, reason: Missing) -> None:
    assert (figure.value, figure.interval, figure.reason) == (None, None, reason)
    assert figure.as_json["value"] is None
    assert figure.as_json["reason"] == reason.value


@pytest.mark.parametrize(
    ("figure", "value", "reason"),
    [
        (mean_of_case_means([[2.0, 4.0]]), 3.0, Missing.ONE_CASE),
        (mean_of_case_means([[0.1 + 0.2], [0.3]]), 0.3, Missing.NO_VARIATION),
        (clustered_t_interval([[1.0, 1.0], [1.0, 1.0]]), 1.0, Missing.NO_VARIATION),
        (quantiles([[1.0], [3.0]] * 9, [0.5], seed=1)[0], 2.0, Missing.TOO_FEW_CASES),
        (quantiles([[1.0]] * 30, [0.5], seed=1)[0], 1.0, Missing.NO_VARIATION),
        (quantiles([[1.0], [3.0]] * 49, [0.95], seed=1)[0], 3.0, Missing.TOO_FEW_CASES),
        (quantiles([[1.0, 3.0]] * 499, [0.99], seed=1)[0], 3.0, Missing.TOO_FEW_CASES),
        (paired_t([0.0], [1.0]).difference, 1.0, Missing.TOO_FEW_CASES),
        (paired_t([0.1, 0.2], [0.2, 0.3]).difference, 0.1, Missing.NO_VARIATION),
    ],
)
def test_a_figure_without_an_interval_says_why(figure: Estimate, value: float, reason: Missing) -> None:
    assert figure.value == pytest.approx(value)
    assert (figure.interval, figure.reason) == (None, reason)


@pytest.mark.parametrize("passed", [0, 3])
@pytest.mark.parametrize("cases", [2, 5, 50])
def test_all_alike_is_no_certainty(passed: int, cases: int) -> None:
    for gate in (True, False):
        found = success_rate([Passes(3, passed)] * cases, gate=gate).interval
        assert found is not None
        assert found.high - found.low > 0.03
    assert effective_samples([3] * cases, shrunk_icc([Passes(3, passed)] * cases)) == pytest.approx(cases)
    scores = bounded_mean([[passed / 3] * 3] * cases).interval
    assert scores is not None
    assert scores.high > scores.low
    difference = bonett_price(units_of([1.0] * cases))
    assert difference.high - difference.low > 0.03


def test_one_case_speaks_of_its_runs() -> None:
    found = success_rate([Passes(0, 0), Passes(10, 8)])
    assert (found.estimand, found.cases, found.method) == (Estimand.THIS_CASE, 1, "wilson")
    assert found.interval == wilson_interval(8, 10).interval
    assert bounded_mean([[0.5, 0.7]]).estimand == Estimand.THIS_CASE


def test_one_run_a_case_takes_the_interval_of_independent_trials() -> None:
    assert success_rate([Passes(1, 1)] * 8 + [Passes(1, 0)] * 2).interval == wilson_interval(8, 10).interval
    for passed in (9, 10):
        runs = [Passes(1, 1)] * passed + [Passes(1, 0)] * (10 - passed)
        assert success_rate(runs).interval == clopper_pearson_interval(passed, 10).interval
    gate = success_rate([Passes(1, 1)] * 8 + [Passes(1, 0)] * 2, gate=True)
    assert gate.interval == clopper_pearson_interval(8, 10).interval


def test_the_icc_is_undefined_without_two_runs_or_two_cases() -> None:
    assert icc_anova([Passes(1, 1), Passes(1, 0)]).icc is None
    assert icc_anova([Passes(5, 3)]).icc is None
    assert icc_anova([Passes(5, 5)] * 4).icc is None
    assert icc_anova([Passes(4, 4), Passes(4, 0)]).icc == 1


def test_figures_of_single_values_are_null() -> None:
    assert standard_error([3.0]) == (3.0, None)
    assert exact_agreement(["one"]).agreement is None
    assert effect_size([0.4]) is None
    assert mcnemar_exact(0, 0).p_value == 1.0
    assert sign_flip_test([0.0, 0.0], seed=1).p_value == 1.0


def test_errors_are_bounds_and_no_failures() -> None:
    bounds = errors_as_bounds(90, 95, 5)
    assert (bounds.low, bounds.high, bounds.share_of_errors, bounds.is_told) == (0.9, 0.95, 0.05, True)
    assert errors_as_bounds(95, 98, 2).is_told is False
    assert errors_as_bounds(0, 0, 0).low is None


REFUSED: list[tuple[str, Callable[[], Any]]] = [
    ("successes", lambda: wilson_interval(4, 3)),
    ("successes", lambda: wilson_interval(-1, 3)),
    ("successes", lambda: wilson_interval(1.5, 3)),  # type: ignore[arg-type]
    ("successes", lambda: wilson_interval(True, 3)),
    ("trials", lambda: clopper_pearson_interval(1, math.nan)),  # type: ignore[arg-type]
    ("confidence", lambda: wilson_interval(1, 3, 1.0)),
    ("confidence", lambda: wilson_interval(1, 3, 0)),
    ("confidence", lambda: wilson_interval(1, 3, 95)),
    ("confidence", lambda: success_rate([], confidence=math.nan)),
    ("passed", lambda: Passes(2, 3)),
    ("clusters", lambda: bounded_mean([[1.2]])),
    ("clusters", lambda: bounded_mean([[math.inf]])),
    ("k", lambda: pass_at_k(3, 1, 4)),
    ("k", lambda: pass_at_k(3, 1, 0)),
    ("c", lambda: pass_hat_k(3, 4, 1)),
    ("n", lambda: pass_hat_k(0, 0, 1)),
    ("p_values", lambda: holm([])),
    ("p_values", lambda: holm([0.5, 1.1])),
    ("p_values", lambda: holm([math.nan])),
    ("alpha", lambda: holm([0.5], 0)),
    ("b", lambda: paired_t([1, 2], [1])),
    ("a", lambda: paired_t([], [])),
    ("a", lambda: paired_t([math.nan], [1])),
    ("direction", lambda: paired_t([1, 2], [1, 3], direction="sideways")),
    ("differences", lambda: sign_flip_test([], seed=1)),
    ("differences", lambda: sign_flip_exact([1.0] * 41)),
    ("table", lambda: fisher_exact([[1, 2], [3]])),
    ("table", lambda: fisher_exact([[1, -2], [3, 4]])),
    ("table", lambda: cohens_kappa([[0, 0], [0, 0]])),
    ("table", lambda: cohens_kappa([[1, 2]])),
    ("values", lambda: percentile([], 0.5)),
    ("q", lambda: percentile([1.0], 50)),
    ("outputs", lambda: exact_agreement("text")),
    ("b", lambda: difference_on_these_cases([[1.0, 0.0]], [], seed=1)),
    ("scores", lambda: CaseTotal("x", 2, 1, scores=(0.5,))),
    ("scores", lambda: CaseTotal("x", 1, 1, scores=(1.5,))),
    ("passed", lambda: CaseTotal("x", 1, 2)),
    ("cost", lambda: CaseTotal("x", 1, 1, cost=Decimal("NaN"))),
    ("latencies", lambda: CaseTotal("x", 1, 1, latencies=(-1.0,))),
    ("cases", lambda: in_order([CaseTotal("x", 1, 1), CaseTotal("x", 1, 0)])),
]


@pytest.mark.parametrize(("argument", "call"), REFUSED)
def test_wrong_input_is_refused_by_name(argument: str, call: Callable[[], Any]) -> None:
    with pytest.raises(InvalidArgument) as refused:
        call()
    assert refused.value.argument == argument
    assert str(refused.value).startswith(f"{argument} ")
