"""How likely a true difference is to be shown by the verdict of `comparing`, and the cases that it takes.

A verdict needs two things: a p under alpha (McNemar's exact test, or sign flips of case means) and the Bonett-Price
interval off 0. Both are reckoned here for two variants whose cases have nothing in common: of a case the one variant
passes with `rate`, the other with the rate that lies `difference` nearer to one half (or beyond it), each for itself.
That is the careful side: cases that are hard for both leave fewer that differ, and take fewer for the same difference;
only variants that fail on different cases by preference would take more. The other direction, away from one half,
varies less and takes fewer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from evaluation_app.statistics.distributions import normal_quantile
from evaluation_app.statistics.errors import InvalidArgument, count, number, share
from evaluation_app.statistics.passes import chance_of_a_tie, variance_of_a_case
from evaluation_app.statistics.permutation import CASES_FOR_A_VERDICT
from evaluation_app.statistics.searching import least_count

COUNTED_EXACTLY: Final = 800
"""Differing cases, as expected, up to which every number of them is summed over; above, the normal distribution."""
WIDE: Final = 7
"""Standard deviations around the expected number of differing cases that are summed over."""
RAREST: Final = 1e-15
"""A chance that a case differs, where rounding leaves none."""
STEP: Final = 1e-3
"""The share of itself to which a smallest difference is found."""


@dataclass(frozen=True, slots=True)
class Differences:
    """A case's difference as it is reckoned with: 0, or ±`size` with the chance `informative`, `against` the true
    difference in that share of them.

    The chance of a tie, the mean and the variance are those of the difference of two case means; with one run a case
    it is that difference itself, -1, 0 or 1.
    """

    informative: float
    against: float
    size: float


def cases_for_a_verdict(alpha: float) -> int:
    """The fewest differing cases whose sign flips can come under alpha (already divided by the comparisons)."""
    return math.floor(1 - math.log2(share("alpha", alpha))) + 1


def least_cases(alpha: float) -> int:
    """The fewest cases that can come to a verdict, all of them differing."""
    return max(CASES_FOR_A_VERDICT, cases_for_a_verdict(alpha))


def cases_for_difference(
    rate: float,
    difference: float,
    confidence: float = 0.95,
    runs: int = 1,
    icc: float = 0.3,
    power: float = 0.8,
    comparisons: int = 1,
) -> int:
    """Cases for a difference to show with this power at the Bonferroni level of so many comparisons.

    InvalidArgument where no rate lies so far from this one, and above MOST_COUNTED cases. The sign of the difference
    is nothing to it: the direction that takes more cases is planned for.
    """
    wanted = abs(number("difference", difference, -1, 1))
    if not wanted:
        raise InvalidArgument("difference", "must not be 0.")
    if wanted > largest_difference(rate) + 1e-12:
        raise InvalidArgument("difference", f"cannot be: no rate lies {wanted:g} from {rate:g}.")
    share("power", power)
    alpha = (1 - share("confidence", confidence)) / count("comparisons", comparisons, 1)
    of_a_case = differences_of_a_case(rate, wanted, runs, icc)
    return least_count(
        lambda cases: _shows(cases, of_a_case, wanted * runs, alpha, power), least_cases(alpha), "difference"
    )


def smallest_difference(cases: int, rate: float, runs: int, icc: float, power: float, alpha: float) -> float | None:
    """The least difference that so many cases show with this power; None where they show none that there can be.

    Never less than what they could show at the best: `least_cases` differing cases by one run each.
    """

    def is_shown(difference: float) -> bool:
        of_a_case = differences_of_a_case(rate, difference, runs, icc)
        return _shows(cases, of_a_case, difference * runs, alpha, power)

    low, high = 0.0, largest_difference(rate)
    if not is_shown(high):
        return None
    while high - low > STEP * high:
        middle = (low + high) / 2
        low, high = (low, middle) if is_shown(middle) else (middle, high)
    return high


def largest_difference(rate: float) -> float:
    """How far another rate can lie from this one."""
    return max(number("rate", rate, 0, 1), 1 - rate)


def differences_of_a_case(rate: float, difference: float, runs: int, icc: float) -> Differences:
    """The differences of case means between this rate and the one that lies `difference` from it, towards one half.

    Under one half both are mirrored: fails differ as passes do.
    """
    mirrored = max(rate, 1 - rate)
    other = max(0.0, mirrored - difference)
    tie = chance_of_a_tie(mirrored, other, runs, icc)
    square = variance_of_a_case(mirrored, runs, icc) + variance_of_a_case(other, runs, icc) + difference**2
    informative = max(RAREST, 1 - tie)
    size = math.sqrt(square / informative)
    return Differences(informative, max(0.0, (1 - difference / (size * informative)) / 2), size)


def power_of_verdict(cases: int, of_a_case: Differences, alpha: float) -> float:
    """The chance that so many cases show the difference, at this alpha (already divided by the comparisons)."""
    if cases < CASES_FOR_A_VERDICT:
        return 0.0
    if cases * of_a_case.informative > COUNTED_EXACTLY:
        return _by_the_normal(cases, of_a_case, alpha)
    return _counted(cases, of_a_case, alpha)


def _shows(cases: int, of_a_case: Differences, runs_that_differ: float, alpha: float, power: float) -> bool:
    if cases * runs_that_differ < least_cases(alpha) * (1 - 1e-9):
        return False
    return power_of_verdict(cases, of_a_case, alpha) >= power


def _counted(cases: int, of_a_case: Differences, alpha: float) -> float:
    """Over every number of differing cases: how likely it is, times how likely few enough of them are against."""
    import numpy
    from scipy.special import bdtr, gammaln, xlog1py, xlogy

    chance = of_a_case.informative
    expected, reach = cases * chance, WIDE * math.sqrt(cases * chance * (1 - chance)) + 2 * WIDE
    differing = numpy.arange(max(1, math.floor(expected - reach)), min(cases, math.ceil(expected + reach)) + 1)
    most = numpy.minimum(_most_against(alpha)[differing], _most_by_interval(cases, differing, of_a_case.size, alpha))
    differing, most = differing[most >= 0], most[most >= 0]
    ways = gammaln(cases + 1) - gammaln(differing + 1) - gammaln(cases - differing + 1)
    likely = numpy.exp(ways + xlogy(differing, chance) + xlog1py(cases - differing, -chance))
    return float(likely @ bdtr(most, differing, of_a_case.against))


@lru_cache(maxsize=64)
def _most_against(alpha: float) -> Any:
    """By the number of differing cases: the most of them against with which McNemar's p is under alpha; -1: none."""
    import numpy
    from scipy.special import bdtr

    whole = numpy.arange(math.ceil(COUNTED_EXACTLY + WIDE * math.sqrt(COUNTED_EXACTLY) + 2 * WIDE) + 2)
    most = numpy.maximum(-1, numpy.floor((whole - normal_quantile(1 - alpha / 2) * numpy.sqrt(whole)) / 2))
    while (low := (most >= 0) & (2 * bdtr(numpy.maximum(most, 0), whole, 0.5) >= alpha)).any():
        most[low] -= 1
    while (more := (most + 1 < whole / 2) & (2 * bdtr(most + 1, whole, 0.5) < alpha)).any():
        most[more] += 1
    return most


def _most_by_interval(cases: float, differing: Any, size: float, alpha: float) -> Any:
    """The most against with which the Bonett-Price interval of so many cases, differing by ±size, leaves 0."""
    import numpy

    return numpy.ceil((differing - _lead_by_interval(cases, differing, size, alpha)) / 2) - 1


def _lead_by_interval(cases: float, differing: Any, size: float, alpha: float) -> Any:
    squared = normal_quantile(1 - alpha / 2) ** 2
    return ((differing + 2 / size**2) * squared / (1 + squared / (cases + 2))) ** 0.5


def _by_the_normal(cases: int, of_a_case: Differences, alpha: float) -> float:
    """The same for many: their lead is normally distributed (Connor 1987), and one more is needed for its steps."""
    from scipy.special import ndtr

    differing, per_case = cases * of_a_case.informative, of_a_case.informative * (1 - 2 * of_a_case.against)
    by_test = 1 + normal_quantile(1 - alpha / 2) * math.sqrt(differing)
    needed = max(by_test, _lead_by_interval(cases, differing, of_a_case.size, alpha))
    deviation = math.sqrt(max(1e-12, differing - cases * per_case**2))
    return float(ndtr((cases * per_case - needed) / deviation))
