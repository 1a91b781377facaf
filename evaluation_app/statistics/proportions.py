"""How often it passes: a rate with an interval that holds for few cases, repeated runs and rates near 0 and 1."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from evaluation_app.statistics.clustering import Passes, effective_samples, shrunk_icc
from evaluation_app.statistics.distributions import beta_quantile, normal_quantile, t_quantile, upper_tail
from evaluation_app.statistics.errors import count, number, share
from evaluation_app.statistics.figures import Estimand, Estimate, Interval, Missing

EXTREME: Final = 0.05
RARE: Final = 1
"""Where each case ran once, rates as near to 0 or 1 as EXTREME take the exact interval, and so do samples that hold
at most RARE of the rarer outcome: Wilson at 9 of 10 ends at 0.982, and covers a rate of 0.99 in 90.4 % of samples."""


def score_interval(rate: float, trials: float, critical: float) -> tuple[float, float]:
    """Wilson's ends for a rate over (effective) trials with the quantile `critical` (Wilson 1927)."""
    squared = critical * critical
    centre = (rate + squared / (2 * trials)) / (1 + squared / trials)
    half = critical * math.sqrt(rate * (1 - rate) / trials + squared / (4 * trials * trials)) / (1 + squared / trials)
    return (0.0 if rate <= 0 else max(0.0, centre - half)), (1.0 if rate >= 1 else min(1.0, centre + half))


def exact_interval(rate: float, trials: float, confidence: float) -> tuple[float, float]:
    """Clopper and Pearson's ends; `trials` may be an effective number (Korn & Graubard 1998)."""
    tail, passed = (1 - confidence) / 2, rate * trials
    low = 0.0 if rate <= 0 else beta_quantile(tail, passed, trials - passed + 1)
    high = 1.0 if rate >= 1 else beta_quantile(1 - tail, passed + 1, trials - passed)
    return low, high


def wilson_interval(successes: int, trials: int, confidence: float = 0.95) -> Estimate:
    """The rate of independent trials with Wilson's interval."""
    return _independent(successes, trials, confidence, exact=False)


def clopper_pearson_interval(successes: int, trials: int, confidence: float = 0.95) -> Estimate:
    """The rate of independent trials with the exact interval."""
    return _independent(successes, trials, confidence, exact=True)


def wilson_clustered_interval(clusters: Sequence[Passes], confidence: float = 0.95) -> Estimate:
    """The pooled rate of repeated runs: Wilson with the shrunk ICC's effective samples and t of C - 1."""
    return _clustered(clusters, confidence, exact=False)


def success_rate(clusters: Sequence[Passes], *, confidence: float = 0.95, gate: bool = False) -> Estimate:
    """The pooled pass rate of clusters, by the method that fits their number and runs.

    At a gate the interval is exact (Clopper-Pearson): it may be wide, never too narrow. One cluster: its own runs,
    said so. None: no value, reason `no_scored_samples`.
    """
    share("confidence", confidence)
    present = [cluster for cluster in clusters if cluster.n]
    n, passed = sum(cluster.n for cluster in present), sum(cluster.passed for cluster in present)
    if len(present) > 1 and n > len(present):
        return _clustered(present, confidence, exact=gate)
    exact = gate or (len(present) > 1 and is_extreme(passed, n))
    return _independent(passed, n, confidence, exact=exact, cases=len(present))


def is_extreme(passed: float, n: int) -> bool:
    """Whether passes of so many independent trials take the exact interval; `passed` may be an expected number."""
    return min(passed, n - passed) <= max(RARE, EXTREME * n) + 1e-9


def _independent(passed: int, n: int, confidence: float, *, exact: bool, cases: int | None = None) -> Estimate:
    share("confidence", confidence)
    n = count("trials", n)
    passed = count("successes", passed, high=n)
    method = "clopper_pearson" if exact else "wilson"
    if cases is None:
        estimand = Estimand.THESE_SAMPLES
    else:
        estimand = Estimand.THIS_CASE if cases == 1 else Estimand.CASES_LIKE_THESE
    cases = n if cases is None else cases
    if not n:
        return Estimate(None, estimand, method, 0, 0, confidence, reason=Missing.NO_SCORED_SAMPLES)
    rate = passed / n
    ends = (
        exact_interval(rate, n, confidence)
        if exact
        else score_interval(rate, n, normal_quantile(upper_tail(confidence)))
    )
    interval = Interval(*ends, confidence, method)
    return Estimate(rate, estimand, method, n, cases, confidence, interval, effective_samples=float(n))


def _clustered(clusters: Sequence[Passes], confidence: float, *, exact: bool) -> Estimate:
    share("confidence", confidence)
    present = [cluster for cluster in clusters if cluster.n]
    cases, n = len(present), sum(cluster.n for cluster in present)
    method = "clopper_pearson_shrunk_icc" if exact else "wilson_shrunk_icc_t"
    if cases < 2:
        reason = Missing.ONE_CASE if cases else Missing.NO_SCORED_SAMPLES
        value = present[0].passed / n if cases else None
        return Estimate(value, Estimand.CASES_LIKE_THESE, method, n, cases, confidence, reason=reason)
    icc = shrunk_icc(present)
    worth = effective_samples([cluster.n for cluster in present], icc)
    rate = number("rate", sum(cluster.passed for cluster in present) / n, 0, 1)
    ends = (
        exact_interval(rate, worth, confidence)
        if exact
        else score_interval(rate, worth, t_quantile(upper_tail(confidence), cases - 1))
    )
    interval = Interval(*ends, confidence, method)
    return Estimate(
        rate,
        Estimand.CASES_LIKE_THESE,
        method,
        n,
        cases,
        confidence,
        interval,
        effective_samples=worth,
        icc=icc,
    )
