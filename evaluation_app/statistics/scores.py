"""Means and quantiles of what is measured: scores in 0…1, and figures without an upper end (latency, cost, length)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from evaluation_app.statistics.clustering import standard_error_of_mean
from evaluation_app.statistics.differences import deviation_of
from evaluation_app.statistics.distributions import normal_quantile, t_quantile, upper_tail
from evaluation_app.statistics.errors import number, numbers, share
from evaluation_app.statistics.figures import Estimand, Estimate, Interval, Missing, Weighting
from evaluation_app.statistics.proportions import score_interval

CASES_FOR_BOOTSTRAP: Final = 20
CASES_BEYOND: Final = 5
"""Cases that must be expected beyond a quantile: a bootstrap ends at the largest value that was seen."""
RESAMPLES: Final = 999
NO_SPREAD: Final = 1e-12


def bounded_mean(clusters: Sequence[Sequence[float]], confidence: float = 0.95) -> Estimate:
    """The pooled mean of scores in 0…1: Wilson's form with n_eff = p(1 - p)/SE² and t of C - 1.

    For the interval, SE² counts one cluster more, which deviates by √(p(1 - p)): without it a few clusters that happen
    to be alike make the interval too narrow (0.83 at 5 cases, consistency and scores near 1; so 0.92), or of no width.
    One cluster: Wilson over its own scores, said so.
    """
    groups = _present(clusters, 0, 1)
    method, n = "wilson_of_scores_t", sum(len(group) for group in groups)
    share("confidence", confidence)
    if not groups:
        return Estimate(None, Estimand.CASES_LIKE_THESE, method, 0, 0, confidence, reason=Missing.NO_SCORED_SAMPLES)
    mean = min(1.0, math.fsum(math.fsum(group) for group in groups) / n)
    if len(groups) == 1:
        ends = score_interval(mean, n, normal_quantile(upper_tail(confidence)))
        alone = Interval(*ends, confidence, "wilson")
        return Estimate(mean, Estimand.THIS_CASE, "wilson", n, 1, confidence, alone, effective_samples=float(n))
    error = standard_error_of_mean([len(group) for group in groups], [math.fsum(group) for group in groups])
    worth = _effective(mean, error, len(groups))
    ends = score_interval(mean, worth, t_quantile(upper_tail(confidence), len(groups) - 1))
    interval = Interval(*ends, confidence, method)
    return Estimate(
        mean,
        Estimand.CASES_LIKE_THESE,
        method,
        n,
        len(groups),
        confidence,
        interval,
        standard_error=error,
        effective_samples=worth,
    )


def _effective(mean: float, error: float, clusters: int) -> float:
    variance = mean * (1 - mean)
    if variance <= NO_SPREAD:
        return float(clusters)
    return variance / (error**2 + variance / (clusters * (clusters - 1)))


def clustered_t_interval(clusters: Sequence[Sequence[float]], confidence: float = 0.95) -> Estimate:
    """The pooled mean ± t of C - 1 clustered standard errors; for unbounded figures, never for a rate near 0 or 1."""
    groups = _present(clusters)
    sizes, sums = [len(group) for group in groups], [math.fsum(group) for group in groups]
    mean = math.fsum(sums) / sum(sizes) if groups else None
    error = standard_error_of_mean(sizes, sums) if len(groups) > 1 else None
    return _by_t("clustered_t", mean, error, sum(sizes), len(groups), confidence)


def mean_of_case_means(clusters: Sequence[Sequence[float]], confidence: float = 0.95) -> Estimate:
    """The mean in which every case weighs the same, ± t of C - 1 on the case means."""
    groups = _present(clusters)
    means = [math.fsum(group) / len(group) for group in groups]
    mean = math.fsum(means) / len(means) if means else None
    error = None
    if len(means) > 1:
        error = (deviation_of(means) or 0.0) / math.sqrt(len(means))
    n = sum(len(group) for group in groups)
    return replace(_by_t("t_of_case_means", mean, error, n, len(groups), confidence), weighting=Weighting.CASES)


def standard_error(values: Sequence[float]) -> tuple[float, float | None]:
    """The mean of independent values and its standard error; None for a single value."""
    checked = numbers("values", values)
    mean = math.fsum(checked) / len(checked)
    if len(checked) < 2:
        return mean, None
    squares = math.fsum((value - mean) ** 2 for value in checked)
    return mean, math.sqrt(squares / (len(checked) - 1) / len(checked))


def percentile(values: Sequence[float], q: float) -> float:
    """The q-quantile (0…1) by linear interpolation between order statistics, numpy's `linear`."""
    ordered = sorted(numbers("values", values))
    place = number("q", q, 0, 1) * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def quantiles(
    clusters: Sequence[Sequence[float]], wanted: Sequence[float], *, confidence: float = 0.95, seed: int
) -> list[Estimate]:
    """Quantiles (0…1) of all values, with a percentile bootstrap over whole clusters.

    With fewer than CASES_FOR_BOOTSTRAP clusters, or CASES_BEYOND on either side of the quantile (100 for p95, 500 for
    p99), no interval, reason `too_few_cases`: that of p99 covers 0.19 at 20 cases, that of p95 0.62; so 0.90 at worst.
    """
    share("confidence", confidence)
    groups = sorted(sorted(group) for group in _present(clusters))
    values = sorted(item for group in groups for item in group)
    found = [None if not values else percentile(values, q) for q in wanted]
    ends: Sequence[tuple[float, float] | None] = [None] * len(wanted)
    if len(groups) >= CASES_FOR_BOOTSTRAP:
        drawn = _resampled(groups, wanted, confidence, seed)
        ends = [end if _is_told(q, len(groups)) else None for q, end in zip(wanted, drawn, strict=True)]
    return [
        _quantile(value, end, len(values), len(groups), confidence, seed)
        for value, end in zip(found, ends, strict=True)
    ]


def _is_told(q: float, clusters: int) -> bool:
    return clusters * min(q, 1 - q) >= CASES_BEYOND - 1e-9


def _quantile(
    value: float | None, ends: tuple[float, float] | None, n: int, clusters: int, confidence: float, seed: int
) -> Estimate:
    interval = Interval(*ends, confidence, "bootstrap_of_cases") if ends and ends[0] < ends[1] else None
    reason = None
    if interval is None:
        reason = Missing.NO_VARIATION if ends else Missing.TOO_FEW_CASES if n else Missing.NO_MEASUREMENTS
    return Estimate(
        value,
        Estimand.CASES_LIKE_THESE,
        "bootstrap_of_cases",
        n,
        clusters,
        confidence,
        interval,
        reason=reason,
        seed=seed if ends else None,
    )


def _resampled(
    groups: list[list[float]], wanted: Sequence[float], confidence: float, seed: int
) -> list[tuple[float, float]]:
    import numpy

    generator = numpy.random.default_rng(seed)
    values = numpy.concatenate([numpy.array(group) for group in groups])
    owner = numpy.repeat(numpy.arange(len(groups)), [len(group) for group in groups])
    order = numpy.argsort(values, kind="stable")
    values, owner = values[order], owner[order]
    drawn_values = numpy.empty((RESAMPLES, len(wanted)))
    for turn in range(RESAMPLES):
        drawn = numpy.bincount(generator.integers(0, len(groups), len(groups)), minlength=len(groups))
        ranks = numpy.cumsum(drawn[owner])
        places = numpy.array(wanted) * (ranks[-1] - 1)
        below = values[numpy.searchsorted(ranks, numpy.floor(places), side="right")]
        above = values[numpy.searchsorted(ranks, numpy.ceil(places), side="right")]
        drawn_values[turn] = below + (places - numpy.floor(places)) * (above - below)
    tail = (1 - confidence) / 2
    low, high = numpy.quantile(drawn_values, [tail, 1 - tail], axis=0)
    return list(zip(low.tolist(), high.tolist(), strict=True))


def _present(clusters: Sequence[Sequence[float]], low: float = -math.inf, high: float = math.inf) -> list[list[float]]:
    return [numbers("clusters", cluster, low, high) for cluster in clusters if len(cluster)]


def _by_t(method: str, mean: float | None, error: float | None, n: int, clusters: int, confidence: float) -> Estimate:
    share("confidence", confidence)
    if mean is None:
        return Estimate(None, Estimand.CASES_LIKE_THESE, method, 0, 0, confidence, reason=Missing.NO_MEASUREMENTS)
    if error is None:
        return Estimate(mean, Estimand.THIS_CASE, method, n, clusters, confidence, reason=Missing.ONE_CASE)
    if error <= NO_SPREAD * abs(mean):
        return Estimate(
            mean,
            Estimand.CASES_LIKE_THESE,
            method,
            n,
            clusters,
            confidence,
            reason=Missing.NO_VARIATION,
            standard_error=0.0,
        )
    half = t_quantile(upper_tail(confidence), clusters - 1) * error
    interval = Interval(mean - half, mean + half, confidence, method)
    return Estimate(mean, Estimand.CASES_LIKE_THESE, method, n, clusters, confidence, interval, standard_error=error)
