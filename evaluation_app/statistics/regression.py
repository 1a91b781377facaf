"""These cases, other runs: whether a fixed suite got worse, with run noise and nothing else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from evaluation_app.statistics.differences import deviation_of
from evaluation_app.statistics.distributions import normal_quantile, t_quantile, upper_tail
from evaluation_app.statistics.errors import InvalidArgument, number, numbers, share
from evaluation_app.statistics.figures import Estimand, Estimate, Interval, Missing, Weighting

RESAMPLES: Final = 4_999
LEAST_RUNS: Final = 2
CONTRADICTING: Final = 2
"""Runs that are thought to contradict on a side whose runs all agree, and the degrees of freedom of their noise."""
METHOD: Final = "stratified_resampling_of_runs"
Strata = list[tuple[list[float], list[float]]]


def difference_on_these_cases(
    a: Sequence[Sequence[float]], b: Sequence[Sequence[float]], *, confidence: float = 0.95, seed: int
) -> Estimate:
    """B - A of case means, scores of runs case by case, with the interval that other runs of these cases would give.

    Runs are resampled within each case and variant, one fewer than it has (Rao & Wu 1988): so many draws of all m would
    have (m - 1)/m of the variance, half of it at two runs. The ends are drawn apart by t over z with Satterthwaite's
    degrees of freedom: plain percentiles cover 0.83 at 5 cases of 2 runs, these 0.91 at worst. A side on which all runs
    of every case agree has the noise of two runs that contradict: without it two runs held against twenty cover 0.74.
    Cases with fewer than two runs on a side are left out.
    """
    share("confidence", confidence)
    if len(a) != len(b):
        raise InvalidArgument("b", f"must hold as many cases as a ({len(a)}), not {len(b)}.")
    checked = [
        (sorted(numbers("a", ours, 0, 1, least=0)), sorted(numbers("b", theirs, 0, 1, least=0)))
        for ours, theirs in zip(a, b, strict=True)
    ]
    strata = sorted(pair for pair in checked if min(map(len, pair)) >= LEAST_RUNS)
    n = sum(len(ours) + len(theirs) for ours, theirs in strata)
    if not strata:
        reason = Missing.TOO_FEW_RUNS if any(map(any, checked)) else Missing.NO_SCORED_SAMPLES
        return Estimate(None, Estimand.THESE_CASES, METHOD, 0, 0, confidence, reason=reason)
    # One order of the two sides, so that swapping them turns the sign of what is drawn and nothing else.
    turned = sorted((theirs, ours) for ours, theirs in strata)
    sign = 1 if strata <= turned else -1
    strata = min(strata, turned)
    value = math.fsum(_mean(theirs) - _mean(ours) for ours, theirs in strata) / len(strata)
    low, high = _ends(strata, value, confidence, seed)
    interval = Interval(low, high, confidence, METHOD) if sign > 0 else Interval(-high, -low, confidence, METHOD)
    return Estimate(
        sign * value,
        Estimand.THESE_CASES,
        METHOD,
        n,
        len(strata),
        confidence,
        interval,
        seed=seed,
        weighting=Weighting.CASES,
    )


def is_regression(interval: Interval | None, margin: float = 0.0) -> bool:
    """Whether the interval of B - A, of either estimand, lies wholly below a loss of `margin` (0…1)."""
    return interval is not None and interval.high < -number("margin", margin, 0, 1)


def _ends(strata: Strata, value: float, confidence: float, seed: int) -> tuple[float, float]:
    drawn, supposed = [], []
    for runs_of_cases in zip(*strata, strict=True):
        found = [
            (variance / len(runs), len(runs) - 1)
            for runs in runs_of_cases
            if (variance := (deviation_of(runs) or 0.0) ** 2)
        ]
        drawn += found
        if not found:
            supposed.append((CONTRADICTING / min(map(len, runs_of_cases)) ** 2, CONTRADICTING))
    variances = [*drawn, *supposed]
    freedom = math.fsum(v for v, _ in variances) ** 2 / math.fsum(v * v / free for v, free in variances)
    critical = t_quantile(upper_tail(confidence), freedom)
    apart = critical / normal_quantile(upper_tail(confidence))
    more = critical * math.sqrt(math.fsum(v for v, _ in supposed)) / len(strata)
    low, high = _resampled(strata, confidence, seed) if drawn else (value, value)
    return (
        max(-1.0, value - math.hypot((value - low) * apart, more)),
        min(1.0, value + math.hypot((high - value) * apart, more)),
    )


def _mean(scores: list[float]) -> float:
    return math.fsum(scores) / len(scores)


def _resampled(strata: Strata, confidence: float, seed: int) -> tuple[float, float]:
    import numpy

    generator = numpy.random.default_rng(seed)
    sums = numpy.zeros(RESAMPLES)
    for ours, theirs in strata:
        for sign, scores in ((-1, ours), (1, theirs)):
            if scores[0] == scores[-1]:
                sums += sign * scores[0]
                continue
            draws = generator.integers(0, len(scores), (RESAMPLES, len(scores) - 1))
            sums += sign * numpy.array(scores)[draws].mean(axis=1)
    tail = (1 - confidence) / 2
    low, high = numpy.quantile(sums / len(strata), [tail, 1 - tail])
    return float(low), float(high)
