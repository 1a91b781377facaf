"""Whether two raters agree beyond chance: a judge with people, people with each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from evaluation_app.statistics.distributions import normal_quantile, t_quantile, upper_tail
from evaluation_app.statistics.errors import InvalidArgument, count, number, share
from evaluation_app.statistics.figures import Estimand, Estimate, Interval, Missing

PADDING: Final = 4
"""Labels added to a table for its interval, the same share in each cell: Agresti and Coull's four, for κ."""

Table = Sequence[Sequence[int]]
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


def cohens_kappa(table: Table, confidence: float = 0.95) -> Kappa:
    """κ of a square table of counts, rows the one rater and columns the other (Cohen 1960).

    The interval is by the delta method (Fleiss, Cohen & Everitt 1969) on a table with PADDING labels spread over its
    cells: without them it covers 0.38 at worst with 50 labels of a good judge, with them 0.94. All labels count as
    independent: those of cases that hold several belong in `kappa_of_cases`.
    """
    return _kappa(_square(table), None, confidence)


def kappa_of_cases(tables: Sequence[Table], confidence: float = 0.95) -> Kappa:
    """κ of all labels together, told by a table a case (or cluster): what is said of a case's runs hangs together.

    The error is the larger of the delta method's and the sandwich over cases, with t of C - 1. Taken as independent,
    200 labels of 20 cases that hang together cover 0.47, and a judge whose κ is 0.37 may gate after 20 of 100
    measurements; so 0.92 and 4. Under 10 cases 0.87 at worst.
    """
    squares = [rows for table in tables if sum(map(sum, rows := _square(table)))]
    if len({len(rows) for rows in squares}) > 1:
        raise InvalidArgument("tables", "must be of one size.")
    whole = [[sum(cells) for cells in zip(*rows, strict=True)] for rows in zip(*squares, strict=True)]
    is_single = all(sum(map(sum, rows)) == 1 for rows in squares)
    return _kappa(whole, None if is_single else squares, confidence)


def _kappa(rows: list[list[int]], cases: Sequence[Table] | None, confidence: float) -> Kappa:
    share("confidence", confidence)
    n = sum(map(sum, rows))
    if not n:
        raise InvalidArgument("table", "must hold a label.")
    clusters = n if cases is None else len(cases)
    agreement, by_chance, _ = _moments(rows)
    method, estimand = "cohens_kappa", Estimand.CASES_LIKE_THESE
    if by_chance >= 1 - 1e-12:
        none = Estimate(None, estimand, method, n, clusters, confidence, reason=Missing.NO_VARIATION)
        return Kappa(none, agreement, by_chance)
    kappa = (agreement - by_chance) / (1 - by_chance)
    if cases is not None and clusters == 1:
        alone = Estimate(kappa, Estimand.THIS_CASE, method, n, 1, confidence, reason=Missing.ONE_CASE)
        return Kappa(alone, agreement, by_chance)
    padding = PADDING / len(rows) ** 2
    padded = [[cell + padding for cell in row] for row in rows]
    observed, chance, error = _moments(padded)
    critical, of_interval = normal_quantile(upper_tail(confidence)), "delta_of_padded_table"
    if cases is not None:
        error = max(error, _clustered_error(padded, cases, padding))
        critical, of_interval = t_quantile(upper_tail(confidence), clusters - 1), "sandwich_of_padded_table_t"
    centre, half = (observed - chance) / (1 - chance), critical * error
    interval = Interval(max(-1.0, centre - half), min(1.0, centre + half), confidence, of_interval)
    return Kappa(
        Estimate(kappa, estimand, method, n, clusters, confidence, interval, standard_error=error), agreement, by_chance
    )


def _clustered_error(padded: Sequence[Sequence[float]], cases: Sequence[Table], padding: float) -> float:
    """The sandwich over cases: what each label moves κ by, summed within its case; padding labels are alone."""
    size, n = range(len(padded)), math.fsum(map(math.fsum, padded))
    across = [math.fsum(row) / n for row in padded]
    down = [math.fsum(row[j] for row in padded) / n for j in size]
    agreement, by_chance, _ = _moments(padded)
    left, disagreement = 1 - by_chance, (1 - agreement) / (1 - by_chance)

    def moved(i: int, j: int) -> float:
        return ((i == j) - agreement - disagreement * (down[i] + across[j] - 2 * by_chance)) / left

    moves = [[moved(i, j) for j in size] for i in size]
    of_cases = [math.fsum(rows[i][j] * moves[i][j] for i in size for j in size) for rows in cases]
    squares = math.fsum(total * total for total in of_cases) * len(cases) / (len(cases) - 1)
    alone = math.fsum(padding * moves[i][j] ** 2 for i in size for j in size)
    return math.sqrt(squares + alone) / n


def _square(table: Table) -> list[list[int]]:
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
