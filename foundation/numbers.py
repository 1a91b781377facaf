"""Whole numbers that every part of the service keeps as they are: JSON's, JavaScript's and PostgreSQL's alike."""

import math
from typing import Final

LARGEST_INTEGER: Final = 2**53


def nearest_float(value: int) -> float:
    """The float nearest to a whole number; infinity, which JSON writes as null, beyond the largest one."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
