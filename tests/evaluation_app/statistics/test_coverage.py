"""Intervals hold what they promise: the shorter form of `python -m bench.statistics`, always with the same draws."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean

from tests.evaluation_app.statistics import simulating
from tests.evaluation_app.statistics.simulating import Cell


def lowest(coverage: Mapping[Cell, float]) -> tuple[float, Cell]:
    """The worst figure and its cell."""
    return min((figure, cell) for cell, figure in coverage.items())


def test_rates_are_covered_in_every_cell() -> None:
    coverage = simulating.coverage_of_rates(800)
    assert len(coverage) == 192
    assert lowest(coverage) >= (0.91, ())
    assert fmean(coverage.values()) >= 0.94


def test_rates_at_a_gate_are_covered_as_promised() -> None:
    assert lowest(simulating.coverage_of_rates(1_000, gate=True)) >= (0.945, ())


def test_scores_and_reliability_are_covered() -> None:
    for coverage in (simulating.coverage_of_pass_hat_4(300), simulating.coverage_of_scores(300)):
        assert lowest(coverage) >= (0.9, ())
        assert fmean(coverage.values()) >= 0.95


def test_differences_are_covered() -> None:
    coverage = simulating.coverage_of_differences(300)
    assert lowest(coverage) >= (0.92, ())
    assert fmean(coverage.values()) >= 0.95


def test_other_runs_of_these_cases_are_covered() -> None:
    coverage = simulating.coverage_of_other_runs(12)
    assert fmean(coverage.values()) >= 0.94


def test_a_corrected_rate_is_covered_though_a_judge_rarely_errs() -> None:
    coverage = simulating.coverage_of_corrected_rates(25, samples=(1_500,))
    assert fmean(coverage.values()) >= 0.94
    assert lowest(coverage) >= (0.7, ())


def test_a_judges_agreement_on_runs_of_few_cases_is_covered() -> None:
    assert lowest(simulating.coverage_of_kappa_of_cases(200)) >= (0.88, ())


def test_strengths_by_votes_are_covered() -> None:
    coverage = simulating.coverage_of_votes(25)
    assert lowest(coverage) >= (0.88, ())
    assert fmean(coverage.values()) >= 0.94


def test_kappa_is_covered_for_good_judges_and_bad_ones() -> None:
    coverage = simulating.coverage_of_kappa(400)
    assert lowest(coverage) >= (0.91, ())
    assert fmean(coverage.values()) >= 0.94
