"""How alike the runs of a case are, and how many independent samples they are worth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from evaluation_app.statistics.errors import InvalidArgument, count


@dataclass(frozen=True, slots=True)
class Passes:
    """Passed and scored samples of one cluster: the runs of a case, or of the cases cut from one document."""

    n: int
    passed: int

    def __post_init__(self) -> None:
        count("n", self.n)
        count("passed", self.passed, high=self.n)


@dataclass(frozen=True, slots=True)
class Spread:
    """One-way analysis of variance of clusters; `icc` is the raw estimate (may be below 0), None where undefined.

    `k0` is the mean cluster size of unequal clusters, (n - Σnᵢ²/n)/(C - 1); variances are None with too few data.
    """

    icc: float | None
    k0: float | None
    between: float | None
    within: float | None


def spread(sizes: Sequence[int], sums: Sequence[float], squares: Sequence[float]) -> Spread:
    """The spread of clusters told by their sizes, sums and sums of squares (Donner & Klar 2000)."""
    clusters, n = len(sizes), sum(sizes)
    if clusters < 2:
        return Spread(None, None, None, None)
    k0 = (n - math.fsum(size * size for size in sizes) / n) / (clusters - 1)
    if n == clusters:
        return Spread(None, k0, None, None)
    of_means = math.fsum(total * total / size for total, size in zip(sums, sizes, strict=True))
    overall = math.fsum(sums) ** 2 / n
    between = max(0.0, (of_means - overall) / (clusters - 1))
    within = max(0.0, (math.fsum(squares) - of_means) / (n - clusters))
    whole = between + (k0 - 1) * within
    icc = (between - within) / whole if whole > 1e-12 else None
    return Spread(icc, k0, max(0.0, (between - within) / k0), within)


def icc_anova(clusters: Sequence[Passes]) -> Spread:
    """The intraclass correlation of passes, by analysis of variance."""
    present = [cluster for cluster in clusters if cluster.n]
    passed = [cluster.passed for cluster in present]
    return spread([cluster.n for cluster in present], passed, passed)


def shrunk_icc(clusters: Sequence[Passes]) -> float:
    """w·ICC + (1 - w), with w = f/(f + 2) and f the fewer of the clusters that hold a fail and those that hold a pass.

    Near 0 and 1 the plain estimate says "no correlation" for want of failures, and the interval shrinks to nothing;
    here few clusters with the rarer outcome mean that runs of a case count as one.
    """
    failing = sum(cluster.passed < cluster.n for cluster in clusters)
    passing = sum(cluster.passed > 0 for cluster in clusters)
    rarer = min(failing, passing)
    estimate = icc_anova(clusters).icc
    clipped = 1.0 if estimate is None else min(1.0, max(0.0, estimate))
    weight = rarer / (rarer + 2)
    return weight * clipped + (1 - weight)


def effective_samples(sizes: Sequence[int], icc: float) -> float:
    """n / (1 + (k - 1)·icc), with k = Σnᵢ²/n (Kish's design effect for unequal clusters)."""
    n = sum(sizes)
    if not n:
        raise InvalidArgument("sizes", "must hold a sample.")
    k = sum(size * size for size in sizes) / n
    return n / (1 + (k - 1) * icc)


def standard_error_of_mean(sizes: Sequence[int], sums: Sequence[float], *, finite_correction: bool = True) -> float:
    """The clustered standard error of the pooled mean: √Σ(Σ over a cluster of deviations)² / n (Miller 2024).

    `finite_correction` multiplies by √(C/(C - 1)); without two clusters there is nothing to correct by.
    """
    n, clusters = sum(sizes), len(sizes)
    mean = math.fsum(sums) / n
    error = math.sqrt(math.fsum((total - size * mean) ** 2 for total, size in zip(sums, sizes, strict=True))) / n
    return error * math.sqrt(clusters / (clusters - 1)) if finite_correction else error
