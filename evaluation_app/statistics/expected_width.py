"""How wide the interval of `success_rate` will be, before anything ran."""

from __future__ import annotations

from evaluation_app.statistics.distributions import normal_quantile, t_quantile, upper_tail
from evaluation_app.statistics.passes import chance_of_all, design_effect
from evaluation_app.statistics.proportions import exact_interval, is_extreme, score_interval


def expected_half_width(cases: int, rate: float, runs: int, icc: float, confidence: float) -> float:
    """Half the width, from end to end, of the interval that a test shows whose passes come just as expected.

    By the method that `success_rate` takes: with one run a case Wilson's, or the exact one near 0 and 1; with more,
    Wilson's with t and the ICC shrunk by the cases that hold the rarer outcome.
    """
    if runs == 1 and cases > 1 and is_extreme(rate * cases, cases):
        low, high = exact_interval(rate, cases, confidence)
        return (high - low) / 2
    is_clustered = runs > 1 and cases > 1
    tail = upper_tail(confidence)
    critical = t_quantile(tail, cases - 1) if is_clustered else normal_quantile(tail)
    worth = cases * runs / design_effect(runs, _shrunk(cases, rate, runs, icc))
    low, high = score_interval(rate, worth, critical)
    return (high - low) / 2


def _shrunk(cases: int, rate: float, runs: int, icc: float) -> float:
    """`clustering.shrunk_icc` with the cases that are expected to hold a pass, and a fail."""
    rarer = cases * min(1 - chance_of_all(rate, runs, icc), 1 - chance_of_all(1 - rate, runs, icc))
    weight = rarer / (rarer + 2)
    return weight * icc + (1 - weight)
