"""How sure a rate is, told beside it."""

from __future__ import annotations

from math import ceil, floor, sqrt
from typing import Final

from foundation.words import THIN, number

Z: Final = 1.959963984540054
"""Of a 95 % interval."""
FEW: Final = 5


def wilson(successes: int, tried: int) -> tuple[float, float]:
    """The 95 % interval of a rate: E. B. Wilson, "Probable inference" (1927), JASA 22, 209-212."""
    rate = successes / tried
    scale = 1 + Z * Z / tried
    middle = (rate + Z * Z / (2 * tried)) / scale
    half = Z / scale * sqrt(rate * (1 - rate) / tried + Z * Z / (4 * tried * tried))
    return max(0.0, middle - half), min(1.0, middle + half)


def rate_of(successes: int, tried: int) -> str:
    """A rate with what it rests on and its 95 % interval, such as `12 of 14, 86 % (60 to 96 %)` with a dash for "to".

    Nothing where none was tried; of fewer than FEW no share is told, which a reader would take for a rate.
    """
    if not tried:
        return ""
    count = f"{number(successes)} of {number(tried)}"
    if tried < FEW:
        return f"{count}, too few to say"
    low, high = outwards(*wilson(successes, tried), of=tried)
    told = f"{100 * successes / tried:.{1 if tried >= 100 else 0}f}"
    return f"{count}, {told}{THIN}% ({low}\N{EN DASH}{high}{THIN}%)"


def outwards(low: float, high: float, *, of: int) -> tuple[str, str]:
    """The interval in percent, never told narrower than it is; with a decimal where so many cases bear one."""
    digits = 1 if of >= 100 else 0
    scale: int = 10**digits
    return f"{floor(100 * low * scale) / scale:.{digits}f}", f"{ceil(100 * high * scale) / scale:.{digits}f}"
