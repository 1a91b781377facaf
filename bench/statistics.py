"""How often the intervals cover the truth, and how often a verdict is false: `python -m bench.statistics` (minutes).

An argument is the number of repetitions a cell.

Every figure comes from the functions that results are made of; the suite runs the same simulations, shorter.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from evaluation_app.statistics.verdicts import Outcome
from tests.evaluation_app.statistics import simulating
from tests.evaluation_app.statistics.simulating import Cell

LOWEST = 3
"""Cells named a table."""


def main(repetitions: int = 2_000) -> None:
    """Prints a line a simulation and the worst cells of each; fewer repetitions where one takes long."""
    few = max(1, repetitions // 10)
    print(f"coverage of nominal 95 % intervals, {repetitions:,} repetitions a cell")
    _told("rate (world, cases, runs, rate, icc)", simulating.coverage_of_rates(repetitions))
    _told("rate at a gate", simulating.coverage_of_rates(repetitions, gate=True))
    _told("pass^4 (cases, rate, icc)", simulating.coverage_of_pass_hat_4(repetitions))
    _told("score (cases, mean)", simulating.coverage_of_scores(repetitions))
    _told("difference (cases, runs, rate, effect, alike)", simulating.coverage_of_differences(repetitions))
    _told("these cases, other runs (cases, runs of A and B, rate, effect)", simulating.coverage_of_other_runs(few))
    _told(
        "corrected rate (samples, labels, rate, sens, spec)",
        simulating.coverage_of_corrected_rates(few, samples=(400, 10_000)),
    )
    _told("kappa (labels, rate, sens, spec)", simulating.coverage_of_kappa(repetitions))
    _told("kappa of cases (labels, cases, icc)", simulating.coverage_of_kappa_of_cases(repetitions))
    _told("strength by votes (cases, votes a pair, spread)", simulating.coverage_of_votes(few))
    print("variants that are the same: share of tests with a verdict")
    for cases in (5, 6, 10, 16, 30, 100):
        for runs in ((1, 1, 1), (3, 3, 3), (1, 10, 10), (0, 0, 0)):
            _null(few, cases, runs)
    print("early stop, a look after each of 200 blocks: share stopped, mean blocks used")
    for effect in (0.0, 0.1, 0.2, 0.3):
        found = simulating.stops(few, effect)
        used = [stopped or 200 for stopped in found]
        share = sum(stopped is not None for stopped in found) / len(found)
        print(f"  effect {effect:.1f}: {share:.3f}, {sum(used) / len(used):.0f}")


def _told(title: str, coverage: Mapping[Cell, float]) -> None:
    mean = sum(coverage.values()) / len(coverage)
    print(f"  {title}: mean {mean:.3f} of {len(coverage)} cells, lowest")
    for cell in sorted(coverage, key=lambda one: coverage[one])[:LOWEST]:
        print(f"    {coverage[cell]:.3f}  {cell}")


def _null(repetitions: int, cases: int, runs: tuple[int, ...]) -> None:
    shown = (Outcome.A_BETTER, Outcome.B_BETTER)
    tests = simulating.null_comparisons(repetitions, cases, runs, rate=0.9)
    false = sum(any(comparison.outcome in shown for comparison in test) for test in tests)
    print(f"  {cases} cases, runs {runs}: {false / repetitions:.3f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
