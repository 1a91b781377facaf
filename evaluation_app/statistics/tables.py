"""Two by two: paired outcomes that differ, and two independent groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from evaluation_app.statistics.distributions import chi_square_tail
from evaluation_app.statistics.errors import InvalidArgument, count


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
    fewer = math.fsum(math.comb(b + c, i) / 2 ** (b + c) for i in range(min(b, c) + 1))
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
    ways = [
        math.comb(first, i) * math.comb(second, column - i)
        for i in range(max(0, column - second), min(first, column) + 1)
    ]
    seen = math.comb(first, a) * math.comb(second, c)
    return TableTest("fisher_exact", sum(way for way in ways if way <= seen) / sum(ways), first + second)
