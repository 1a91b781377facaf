"""Several tests at once: what each p is worth among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation_app.statistics.errors import numbers, share


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Adjusted p-values in the order given, and which of them fall under alpha."""

    method: str
    alpha: float
    p_values: tuple[float, ...]
    rejects: tuple[bool, ...]


def holm(p_values: Sequence[float], alpha: float = 0.05) -> Adjusted:
    """Step-down, holds the chance of any false finding under alpha whatever the dependence (Holm 1979)."""
    values, order = _checked(p_values, alpha)
    adjusted, highest = [0.0] * len(values), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(values) - rank) * values[place]))
        adjusted[place] = highest
    return _under("holm", alpha, adjusted)


def bonferroni(p_values: Sequence[float], alpha: float = 0.05) -> Adjusted:
    """Each p times their number; its level, alpha over their number, is that of the intervals shown beside Holm."""
    values, _ = _checked(p_values, alpha)
    return _under("bonferroni", alpha, [min(1.0, len(values) * value) for value in values])


def benjamini_hochberg(p_values: Sequence[float], alpha: float = 0.05) -> Adjusted:
    """Step-up, holds the expected share of false findings under alpha (Benjamini & Hochberg 1995)."""
    values, order = _checked(p_values, alpha)
    adjusted, lowest = [0.0] * len(values), 1.0
    for rank in range(len(values), 0, -1):
        place = order[rank - 1]
        lowest = min(lowest, len(values) * values[place] / rank)
        adjusted[place] = lowest
    return _under("benjamini_hochberg", alpha, adjusted)


def _checked(p_values: Sequence[float], alpha: float) -> tuple[list[float], list[int]]:
    share("alpha", alpha)
    values = numbers("p_values", p_values, 0, 1)
    return values, sorted(range(len(values)), key=values.__getitem__)


def _under(method: str, alpha: float, adjusted: list[float]) -> Adjusted:
    return Adjusted(method, alpha, tuple(adjusted), tuple(value <= alpha for value in adjusted))
