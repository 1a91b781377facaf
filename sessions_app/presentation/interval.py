"""How sure a rate is, told beside it."""

from __future__ import annotations

from math import sqrt
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
