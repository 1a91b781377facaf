"""Two by two: paired outcomes that differ, and two independent groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from evaluation_app.statistics.distributions import binomial_below, chi_square_tail
from evaluation_app.statistics.errors import InvalidArgument, count

COUNTED_EXACTLY: Final = 1_000
"""Pairs up to which whole numbers are added, to the last bit; above, the incomplete beta function is quicker."""
ALIKE: Final = 1e-7
"""Tables whose chances differ by less than this share are as likely: R's tolerance."""


@dataclass(frozen=True, slots=True)
class TableTest:
    """A test of a table; `statistic` None where it has none, or nothing differs."""

    method: str
    p_value: float
    n: int
    statistic: float | None = None


def mcnemar_exact(b: int, c: int) -> TableTest:
    """Whether one of two paired outcomes is the commoner: b and c pairs that differ, one way and the other.

    Two-sided, twice the smaller binomial tail; p is 1 where no pair differs.
    """
    b, c = count("b", b), count("c", c)
    if b + c > COUNTED_EXACTLY:
        return TableTest("mcnemar_exact", min(1.0, 2 * binomial_below(min(b, c), b + c)), b + c)
    fewer = sum(math.comb(b + c, i) for i in range(min(b, c) + 1)) / 2 ** (b + c)
    return TableTest("mcnemar_exact", min(1.0, 2 * fewer), b + c)


def mcnemar_chi2(b: int, c: int, *, correction: bool = True) -> TableTest:
    """The same by chi-square (McNemar 1947); `correction` is Edwards's for continuity."""
    b, c = count("b", b), count("c", c)
    if not b + c:
        return TableTest("mcnemar_chi2", 1.0, 0)
    statistic = max(0.0, abs(b - c) - correction) ** 2 / (b + c)
    return TableTest("mcnemar_chi2", chi_square_tail(statistic, 1), b + c, statistic)


def fisher_exact(table: Sequence[Sequence[int]]) -> TableTest:
    """Whether two groups differ, [[a, b], [c, d]]: tables as likely as this one or less, margins held (Fisher 1935)."""
    if len(table) != 2 or any(len(row) != 2 for row in table):
        raise InvalidArgument("table", "must have two rows of two counts.")
    (a, b), (c, d) = ([count("table", cell) for cell in row] for row in table)
    first, second, column = a + b, c + d, a + c
    lowest, highest = max(0, column - second), min(first, column)
    mode = min(highest, max(lowest, (column + 1) * (first + 1) // (first + second + 2)))
    chances = {mode: 1.0}
    for i in range(mode, highest):
        chances[i + 1] = chances[i] * ((first - i) * (column - i)) / ((i + 1) * (second - column + i + 1))
    for i in range(mode, lowest, -1):
        chances[i - 1] = chances[i] * (i * (second - column + i)) / ((first - i + 1) * (column - i + 1))
    likely = chances[a] * (1 + ALIKE)
    beyond = math.fsum(chance for chance in chances.values() if chance <= likely)
    return TableTest("fisher_exact", min(1.0, beyond / math.fsum(chances.values())), first + second)
