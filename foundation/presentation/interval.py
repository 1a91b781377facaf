"""How sure a rate is, told beside it."""

from __future__ import annotations

from math import ceil, floor, sqrt
from typing import Final

Z: Final = 1.959963984540054
"""Of a 95 % interval."""


def wilson(successes: int, tried: int) -> tuple[float, float]:
    """The 95 % interval of a rate: E. B. Wilson, "Probable inference" (1927), JASA 22, 209-212."""
    rate = successes / tried
    scale = 1 + Z * Z / tried
    middle = (rate + Z * Z / (2 * tried)) / scale
    half = Z / scale * sqrt(rate * (1 - rate) / tried + Z * Z / (4 * tried * tried))
    return max(0.0, middle - half), min(1.0, middle + half)


def outwards(low: float, high: float, *, of: int) -> tuple[str, str]:
    """The interval in percent, never told narrower than it is; with a decimal where so many cases bear one."""
    digits = 1 if of >= 100 else 0
    scale: int = 10**digits
    return f"{floor(100 * low * scale) / scale:.{digits}f}", f"{ceil(100 * high * scale) / scale:.{digits}f}"
