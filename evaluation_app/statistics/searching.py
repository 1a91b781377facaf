"""The least number of something that is enough."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from evaluation_app.statistics.errors import InvalidArgument
from foundation.words import number

MOST_COUNTED: Final = 100_000_000


def least_count(is_enough: Callable[[int], bool], low: int, argument: str, what: str = "cases") -> int:
    """The least whole number from `low` on that is enough, by doubling and halving.

    InvalidArgument above MOST_COUNTED. Where enough comes and goes in steps, the one found is enough.
    """
    if is_enough(low):
        return low
    short, high = low, 2 * low
    while not is_enough(high):
        short, high = high, 2 * high
        if high > MOST_COUNTED:
            raise InvalidArgument(argument, f"needs more than {number(MOST_COUNTED)} {what}.")
    while high - short > 1:
        middle = (short + high) // 2
        short, high = (short, middle) if is_enough(middle) else (middle, high)
    return high
