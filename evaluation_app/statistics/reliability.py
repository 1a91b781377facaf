"""Passing at least once, passing every time, and saying the same: what repeated runs of a case tell."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final

from evaluation_app.statistics.errors import InvalidArgument, count

MOST_RUNS: Final = 100_000
"""Runs of a case for which the binomials are still quick."""


def pass_at_k(n: int, c: int, k: int) -> float:
    """The chance that one of k runs passes, from c passes in n: 1 - C(n - c, k)/C(n, k) (Chen et al. 2021)."""
    n, c, k = _checked(n, c, k)
    return 1 - math.comb(n - c, k) / math.comb(n, k)


def pass_hat_k(n: int, c: int, k: int) -> float:
    """The chance that all of k runs pass: C(c, k)/C(n, k) (Yao et al. 2024, tau-bench); never the rate to the k."""
    n, c, k = _checked(n, c, k)
    return math.comb(c, k) / math.comb(n, k)


def _checked(n: int, c: int, k: int) -> tuple[int, int, int]:
    n = count("n", n, 1, MOST_RUNS)
    return n, count("c", c, high=n), count("k", k, 1, n)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How alike the answers of one case are.

    `agreement`: share of pairs of runs that agree; None under two runs. `entropy_nats` of the groups is biased low
    for few runs: two runs can hold at most two meanings.
    """

    agreement: float | None
    entropy_nats: float | None
    runs: int
    groups: int


def exact_agreement(outputs: Sequence[Hashable]) -> Agreement:
    """The agreement of outputs that are equal to the letter."""
    if isinstance(outputs, str):
        raise InvalidArgument("outputs", "must be a list.")
    return agreement_of_groups(list(Counter(outputs).values()))


def agreement_of_groups(sizes: Sequence[int]) -> Agreement:
    """The agreement of runs told by the sizes of their groups: equal outputs, or one meaning (semantic entropy)."""
    present = sorted(count("sizes", size) for size in sizes if size)
    runs = sum(present)
    if runs < 2:
        return Agreement(None, None, runs, len(present))
    alike = sum(size * (size - 1) for size in present) / (runs * (runs - 1))
    entropy = math.fsum(size / runs * math.log(runs / size) for size in present)
    return Agreement(alike, entropy, runs, len(present))
