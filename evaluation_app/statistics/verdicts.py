"""What a comparison says in words that need no statistics."""

from __future__ import annotations

import math
from enum import StrEnum

from evaluation_app.statistics.figures import Interval


class Outcome(StrEnum):
    """What a comparison came to."""

    B_BETTER = "b_better"
    A_BETTER = "a_better"
    NOT_SHOWN = "no_difference_shown"
    TOO_FEW_CASES = "too_few_cases"
    ONE_CASE = "one_case"
    NO_SCORED_SAMPLES = "no_scored_samples"


def better(name: str, difference: float, interval: Interval, comparisons: int) -> str:
    """ "B is better by 12 points, 95 % 4 to 20"; the sizes are those of the better one, so above 0."""
    low, high = sorted(abs(end) for end in (interval.low, interval.high))
    told = f"{name} is better by {in_points(abs(difference))}"
    if comparisons == 1:
        return f"{told}, {100 * interval.confidence:g} % {points(low)} to {points(high)}"
    family = 100 * (1 - (1 - interval.confidence) * comparisons)
    return f"{told}, {family:.4g} % {points(low)} to {points(high)} for all {comparisons} comparisons together"


def not_shown(smallest: float | None) -> str:
    """The difference that would have shown, rounded up; or that none would."""
    if smallest is None:
        return "No difference shown; with this many cases none could have shown"
    least = in_points(smallest, up=True)
    return f"No difference shown; only differences above {least} would have shown with this many"


TOO_FEW_CASES = "Too few cases for a verdict"
ONE_CASE = "One case speaks for itself only, however often it ran"
NO_SCORED_SAMPLES = "No case was scored in both"


def points(share: float, *, up: bool = False) -> str:
    """A share in hundredths; with a decimal under one, so that what is not 0 never reads as 0."""
    value = 100 * share
    if value >= 1:
        return f"{math.ceil(value - 1e-9) if up else round(value)}"
    return f"{max(0.1, math.ceil(10 * value - 1e-9) / 10 if up else round(value, 1)):.1f}"


def in_points(share: float, *, up: bool = False) -> str:
    """The same with its unit: "1 point", "12 points"."""
    told = points(share, up=up)
    return f"{told} {'point' if told == '1' else 'points'}"
