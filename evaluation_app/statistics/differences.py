"""How far two variants lie apart on the same cases: B - A, its interval and its size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from evaluation_app.statistics.distributions import normal_quantile, t_both_tails, t_quantile, upper_tail
from evaluation_app.statistics.errors import InvalidArgument, numbers, pairs, share
from evaluation_app.statistics.figures import Estimand, Estimate, Interval, Missing, Weighting

NO_SPREAD: Final = 1e-12
"""A standard deviation under this share of the values is rounding, not spread."""


class Direction(StrEnum):
    """Which of two columns is taken from the other."""

    A_MINUS_B = "a_minus_b"
    B_MINUS_A = "b_minus_a"


@dataclass(frozen=True, slots=True)
class Units:
    """Case differences summed within clusters; a case without a cluster is one of its own.

    A cluster weighs by its cases, so that the mean of the differences is that of the cases.
    """

    totals: tuple[float, ...]
    cases: tuple[int, ...]

    @property
    def mean(self) -> float:
        """The mean difference of a case."""
        return math.fsum(self.totals) / sum(self.cases)

    @property
    def weights(self) -> list[float]:
        """Cases of a unit over the mean cases of a unit."""
        whole = sum(self.cases)
        return [cases * len(self.cases) / whole for cases in self.cases]

    @property
    def weighted(self) -> list[float]:
        """Differences of the units, weighed: their plain mean is the mean of the cases."""
        whole = sum(self.cases)
        return [total * len(self.cases) / whole for total in self.totals]

    @property
    def squares(self) -> float:
        """The sum of squared deviations of the units from the mean."""
        mean = self.mean
        return math.fsum((y - w * mean) ** 2 for y, w in zip(self.weighted, self.weights, strict=True))


def units_of(differences: Sequence[float]) -> Units:
    """Each difference as a unit of one case."""
    return Units(tuple(differences), (1,) * len(differences))


def bonett_price(units: Units, confidence: float = 0.95) -> Interval:
    """The interval of a mean difference in -1 … 1: two pseudo-cases, +1 and -1, and a normal quantile.

    Bonett & Price (2012) for paired proportions, read for case means and weighed clusters. Equal differences, which
    give a t interval no width (0.20 coverage at 5 cases), keep the width that two contradicting cases would give.
    """
    padded = len(units.totals) + 2
    centre = math.fsum(units.weighted) / padded
    residuals = [y - w * centre for y, w in zip(units.weighted, units.weights, strict=True)]
    squares = math.fsum([*(r * r for r in residuals), (1 - centre) ** 2, (1 + centre) ** 2])
    half = normal_quantile(upper_tail(share("confidence", confidence))) * math.sqrt(squares) / padded
    return Interval(max(-1.0, centre - half), min(1.0, centre + half), confidence, "bonett_price")


def smallest_difference(units: Units, confidence: float) -> float | None:
    """The least mean difference that would have shown with these cases and this spread; None: none would.

    Where the Bonett-Price interval leaves zero, and t (which the sign flips follow) comes under 1 - confidence;
    no p can come under 2^(1 - C), whatever the difference.
    """
    cases, alpha = len(units.totals), 1 - confidence
    if cases < 2 or 2.0 ** (1 - cases) >= alpha:
        return None
    squared = normal_quantile(upper_tail(confidence)) ** 2
    room = cases * cases - 2 * cases * squared / (cases + 2)
    if room <= 0:
        return None
    off_zero = math.sqrt(squared * (units.squares + 2) / room)
    deviation = math.sqrt(units.squares / (cases - 1))
    by_t = t_quantile(upper_tail(confidence), cases - 1) * deviation / math.sqrt(cases)
    least = max(off_zero, by_t)
    return least if least <= 1 else None


def deviation_of(values: Sequence[float]) -> float | None:
    """The sample standard deviation; None under two values, and where they differ by rounding only."""
    if len(values) < 2:
        return None
    mean = math.fsum(values) / len(values)
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))
    return deviation if deviation > NO_SPREAD * max(abs(value) for value in values) else None


def effect_size(differences: Sequence[float]) -> float | None:
    """Cohen's d_z: the mean over the standard deviation of the differences; None where that is 0."""
    values = numbers("differences", differences)
    deviation = deviation_of(values)
    return None if deviation is None else math.fsum(values) / len(values) / deviation


@dataclass(frozen=True, slots=True)
class PairedT:
    """A paired t test; statistic and p are None where the differences do not vary."""

    difference: Estimate
    statistic: float | None
    p_value: float | None


def differences_of(a: Sequence[float], b: Sequence[float], direction: str = Direction.B_MINUS_A) -> list[float]:
    """Pair by pair, B - A unless told."""
    left, right = pairs(a, b)
    if direction not in list(Direction):
        raise InvalidArgument("direction", f"must be one of {', '.join(Direction)}, not {direction!r}.")
    sign = 1 if direction == Direction.B_MINUS_A else -1
    return [sign * (y - x) for x, y in zip(left, right, strict=True)]


def paired_t(
    a: Sequence[float], b: Sequence[float], confidence: float = 0.95, *, direction: str = Direction.B_MINUS_A
) -> PairedT:
    """Student's paired test, for unbounded figures (latency, cost): on rates its interval fails, see bonett_price."""
    share("confidence", confidence)
    values = differences_of(a, b, direction)
    n, deviation, method = len(values), deviation_of(values), "paired_t"
    mean = math.fsum(values) / n
    if deviation is None:
        reason = Missing.TOO_FEW_CASES if n < 2 else Missing.NO_VARIATION
        return PairedT(
            Estimate(
                mean, Estimand.CASES_LIKE_THESE, method, n, n, confidence, reason=reason, weighting=Weighting.CASES
            ),
            None,
            None,
        )
    error = deviation / math.sqrt(n)
    half = t_quantile(upper_tail(confidence), n - 1) * error
    interval = Interval(mean - half, mean + half, confidence, method)
    estimate = Estimate(
        mean,
        Estimand.CASES_LIKE_THESE,
        method,
        n,
        n,
        confidence,
        interval,
        standard_error=error,
        weighting=Weighting.CASES,
    )
    return PairedT(estimate, mean / error, t_both_tails(mean / error, n - 1))
