"""Whether two raters agree beyond chance: a judge with people, people with each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from evaluation_app.statistics.distributions import normal_quantile, upper_tail
from evaluation_app.statistics.errors import InvalidArgument, count, number, share
from evaluation_app.statistics.figures import Estimand, Estimate, Interval, Missing

PADDING: Final = 4
"""Labels added to a table for its interval, the same share in each cell: Agresti and Coull's four, for κ."""

LEAST_TO_GATE: Final = 0.4
"""The lower end of κ from which a judge may gate; a setting may ask for more."""


@dataclass(frozen=True, slots=True)
class Kappa:
    """Cohen's κ beside the plain share of agreement; κ is None where all labels are one class."""

    kappa: Estimate
    agreement: float
    by_chance: float

    def may_gate(self, least: float = LEAST_TO_GATE) -> bool:
        """Whether the judge may stop a label: its κ is surely as high as that."""
        interval = self.kappa.interval
        return interval is not None and interval.low >= number("least", least, -1, 1)


def cohens_kappa(table: Sequence[Sequence[int]], confidence: float = 0.95) -> Kappa:
    """κ of a square table of counts, rows the one rater and columns the other (Cohen 1960).

    The interval is by the delta method (Fleiss, Cohen & Everitt 1969) on a table with PADDING labels spread over its
    cells: without them it covers 0.38 at worst with 50 labels of a good judge, with them 0.94. Labels of one case count
    as independent.
    """
    rows = _square(table)
    share("confidence", confidence)
    n = sum(map(sum, rows))
    if not n:
        raise InvalidArgument("table", "must hold a label.")
    agreement, by_chance, _ = _moments(rows)
    method, estimand = "cohens_kappa", Estimand.CASES_LIKE_THESE
    if by_chance >= 1 - 1e-12:
        none = Estimate(None, estimand, method, n, n, confidence, reason=Missing.NO_VARIATION)
        return Kappa(none, agreement, by_chance)
    padding = PADDING / len(rows) ** 2
    observed, chance, error = _moments([[cell + padding for cell in row] for row in rows])
    centre, half = (observed - chance) / (1 - chance), normal_quantile(upper_tail(confidence)) * error
    interval = Interval(max(-1.0, centre - half), min(1.0, centre + half), confidence, "delta_of_padded_table")
    kappa = (agreement - by_chance) / (1 - by_chance)
    return Kappa(
        Estimate(kappa, estimand, method, n, n, confidence, interval, standard_error=error), agreement, by_chance
    )


def _square(table: Sequence[Sequence[int]]) -> list[list[int]]:
    if not table or any(len(row) != len(table) for row in table):
        raise InvalidArgument("table", "must have as many rows as columns.")
    return [[count("table", cell) for cell in row] for row in table]


def _moments(rows: Sequence[Sequence[float]]) -> tuple[float, float, float]:
    """Agreement, agreement by chance, and the standard error of κ (0 where chance agrees always)."""
    size, n = range(len(rows)), math.fsum(map(math.fsum, rows))
    across = [math.fsum(row) / n for row in rows]
    down = [math.fsum(row[j] for row in rows) / n for j in size]
    agreement = math.fsum(rows[i][i] for i in size) / n
    by_chance = math.fsum(across[i] * down[i] for i in size)
    if by_chance >= 1 - 1e-12:
        return agreement, by_chance, 0.0
    kappa = (agreement - by_chance) / (1 - by_chance)
    on = math.fsum(rows[i][i] / n * (1 - (across[i] + down[i]) * (1 - kappa)) ** 2 for i in size)
    off = (1 - kappa) ** 2 * math.fsum(
        rows[i][j] / n * (down[i] + across[j]) ** 2 for i in size for j in size if i != j
    )
    variance = max(0.0, on + off - (kappa - by_chance * (1 - kappa)) ** 2) / n
    return agreement, by_chance, math.sqrt(variance) / (1 - by_chance)
