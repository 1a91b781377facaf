"""Whether two raters agree beyond chance: a judge with people, people with each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from evaluation_app.statistics.distributions import normal_quantile, upper_tail
from evaluation_app.statistics.errors import InvalidArgument, count, share
from evaluation_app.statistics.figures import Estimand, Estimate, Interval, Missing


@dataclass(frozen=True, slots=True)
class Kappa:
    """Cohen's κ beside the plain share of agreement; κ is None where all labels are one class."""

    kappa: Estimate
    agreement: float
    by_chance: float


def cohens_kappa(table: Sequence[Sequence[int]], confidence: float = 0.95) -> Kappa:
    """κ of a square table of counts, rows the one rater and columns the other (Cohen 1960).

    The interval is by the delta method (Fleiss, Cohen & Everitt 1969).
    """
    rows = _square(table)
    share("confidence", confidence)
    n = sum(map(sum, rows))
    if not n:
        raise InvalidArgument("table", "must hold a label.")
    size = range(len(rows))
    across = [sum(row) / n for row in rows]
    down = [sum(row[j] for row in rows) / n for j in size]
    agreement = math.fsum(rows[i][i] for i in size) / n
    by_chance = math.fsum(across[i] * down[i] for i in size)
    method, estimand = "cohens_kappa", Estimand.CASES_LIKE_THESE
    if by_chance >= 1 - 1e-12:
        none = Estimate(None, estimand, method, n, n, confidence, reason=Missing.NO_VARIATION)
        return Kappa(none, agreement, by_chance)
    kappa = (agreement - by_chance) / (1 - by_chance)
    error = _standard_error(rows, across, down, kappa, by_chance, n)
    if error <= 1e-12:
        none = Estimate(kappa, estimand, method, n, n, confidence, reason=Missing.NO_VARIATION)
        return Kappa(none, agreement, by_chance)
    half = normal_quantile(upper_tail(confidence)) * error
    interval = Interval(max(-1.0, kappa - half), min(1.0, kappa + half), confidence, "delta")
    return Kappa(
        Estimate(kappa, estimand, method, n, n, confidence, interval, standard_error=error), agreement, by_chance
    )


def _square(table: Sequence[Sequence[int]]) -> list[list[int]]:
    if not table or any(len(row) != len(table) for row in table):
        raise InvalidArgument("table", "must have as many rows as columns.")
    return [[count("table", cell) for cell in row] for row in table]


def _standard_error(
    rows: list[list[int]], across: list[float], down: list[float], kappa: float, by_chance: float, n: int
) -> float:
    size = range(len(rows))
    on = math.fsum(rows[i][i] / n * (1 - (across[i] + down[i]) * (1 - kappa)) ** 2 for i in size)
    off = (1 - kappa) ** 2 * math.fsum(
        rows[i][j] / n * (down[i] + across[j]) ** 2 for i in size for j in size if i != j
    )
    rest = (kappa - by_chance * (1 - kappa)) ** 2
    return math.sqrt(max(0.0, on + off - rest) / n) / (1 - by_chance)
