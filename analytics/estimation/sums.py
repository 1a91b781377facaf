"""Quantiles of what was seen, and how far the mean of what comes next may lie from it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, stdev


def quantile(ordered: Sequence[float], share: float) -> float:
    """Of values in their order, at least one, between the two nearest (Hyndman and Fan 1996, definition 7)."""
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def mean_to_come(values: Sequence[float], *, calls: float, confidence: float) -> tuple[float, float, float]:
    """Low, expected, high of the mean of so many calls to come, after at least two that were seen.

    Student's t prediction interval for a mean: t(n - 1) * s * sqrt(1 / n + 1 / calls). Low is not below 0.
    """
    from scipy.special import stdtrit  # loaded with the first estimate and not when a server starts

    expected, seen = fmean(values), len(values)
    t = float(stdtrit(seen - 1, 1 - (1 - confidence) / 2))
    half = t * stdev(values) * math.sqrt(1 / seen + 1 / calls)
    return max(0.0, expected - half), expected, expected + half
