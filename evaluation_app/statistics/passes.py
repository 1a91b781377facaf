"""How many of a case's runs pass: its chances before anything ran, from a rate and the likeness of runs (the ICC).

A case's own rate is thought of as drawn from a Beta distribution with this mean and ICC, so that the passes of its runs
are beta-binomial (Skellam 1948); an ICC of 0 makes them binomial, one of 1 makes all runs alike.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

MOST_COUNTED_RUNS: Final = 1_000
"""Runs over whose passes ties are summed; more runs tie no more often, and are reckoned as so many."""
ALL_ALIKE: Final = 1 - 1e-9
NOT_ALIKE: Final = 1e-9


def design_effect(runs: int, icc: float) -> float:
    """How many runs of a case are worth one independent sample: 1 + (m - 1)·icc."""
    return 1 + (runs - 1) * icc


def variance_of_a_case(rate: float, runs: int, icc: float) -> float:
    """The variance of the mean of a case's runs."""
    return rate * (1 - rate) * design_effect(runs, icc) / runs


def chance_of_all(rate: float, runs: int, icc: float) -> float:
    """The chance that every run of a case passes."""
    return float(chances_of_passes(rate, min(runs, MOST_COUNTED_RUNS), icc)[-1])


def chance_of_a_tie(rate: float, other: float, runs: int, icc: float) -> float:
    """The chance that a case passes equally often in two variants with these rates, each for itself."""
    counted = min(runs, MOST_COUNTED_RUNS)
    return float(chances_of_passes(rate, counted, icc) @ chances_of_passes(other, counted, icc))


@lru_cache(maxsize=256)
def chances_of_passes(rate: float, runs: int, icc: float) -> Any:
    """The chances of 0 … `runs` passes, an array of that many and one."""
    import numpy
    from scipy.special import betaln, gammaln, xlog1py, xlogy

    passed = numpy.arange(runs + 1)
    if runs == 1 or icc >= ALL_ALIKE or not 0 < rate < 1:
        return numpy.where(passed == runs, rate, numpy.where(passed == 0, 1 - rate, 0.0))
    ways = gammaln(runs + 1) - gammaln(passed + 1) - gammaln(runs - passed + 1)
    if icc <= NOT_ALIKE:
        return numpy.exp(ways + xlogy(passed, rate) + xlog1py(runs - passed, -rate))
    a, b = rate * (1 - icc) / icc, (1 - rate) * (1 - icc) / icc
    return numpy.exp(ways + betaln(passed + a, runs - passed + b) - betaln(a, b))
