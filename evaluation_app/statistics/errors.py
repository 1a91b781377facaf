"""What the statistics refuse, and how they look at what they are given."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any


class InvalidArgument(ValueError):
    """Input that has no answer (more successes than trials, NaN, nothing); `argument` is its name.

    A door answers 400 with the sentence; it is never raised for too few data, which is a value.
    """

    code = "invalid_argument"
    status = 400

    def __init__(self, argument: str, sentence: str) -> None:
        super().__init__(f"{argument} {sentence}")
        self.argument = argument


def number(argument: str, value: Any, low: float = -math.inf, high: float = math.inf) -> float:
    """The finite number in `low`…`high`; InvalidArgument for anything else, a boolean or text included."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Real)):
        raise InvalidArgument(argument, f"must be a finite number, not {value!r}.")
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise InvalidArgument(argument, "must be a finite number.")
    if not low <= found <= high:
        raise InvalidArgument(argument, f"must lie in {low:g} … {high:g}, not {value!r}.")
    return found


def count(argument: str, value: Any, low: int = 0, high: float = math.inf) -> int:
    """The whole number in `low`…`high`; InvalidArgument for anything else (5.0 is whole, 5.5 is not)."""
    found = number(argument, value, low, high)
    if not found.is_integer():
        raise InvalidArgument(argument, f"must be a whole number, not {value!r}.")
    return int(found)


def share(argument: str, value: Any) -> float:
    """The number strictly between 0 and 1: a confidence, an alpha, a power."""
    found = number(argument, value)
    if not 0 < found < 1:
        raise InvalidArgument(argument, f"must lie strictly between 0 and 1, not {value!r}.")
    return found


def numbers(
    argument: str, values: Any, low: float = -math.inf, high: float = math.inf, *, least: int = 1
) -> list[float]:
    """The finite numbers of a list that holds at least `least` of them; a boolean counts as 0 or 1."""
    if isinstance(values, str) or not isinstance(values, Sequence) or len(values) < least:
        raise InvalidArgument(argument, f"must be a list of {least} or more numbers.")
    return [number(argument, int(value) if isinstance(value, bool) else value, low, high) for value in values]


def pairs(a: Any, b: Any, *, least: int = 1) -> tuple[list[float], list[float]]:
    """Two lists of numbers of one length; InvalidArgument names `b` where the lengths differ."""
    left, right = numbers("a", a, least=least), numbers("b", b, least=least)
    if len(left) != len(right):
        raise InvalidArgument("b", f"must hold as many values as a ({len(left)}), not {len(right)}.")
    return left, right
