"""The rate people would give, from a judge's verdicts and the labels of people."""

from __future__ import annotations

from typing import Final

from evaluation_app.statistics.errors import number

LEAST_INFORMATION: Final = 0.05
"""A judge whose sensitivity + specificity - 1 is under this tells nothing of the rate."""


def rogan_gladen(apparent_rate: float, sensitivity: float, specificity: float) -> float | None:
    """The true rate behind a judge's, (rate + spec - 1)/(sens + spec - 1) held to 0…1 (Rogan & Gladen 1978).

    None where the judge tells passes and fails hardly apart. For labels from another run than the rate.
    """
    rate = number("apparent_rate", apparent_rate, 0, 1)
    sensitivity = number("sensitivity", sensitivity, 0, 1)
    specificity = number("specificity", specificity, 0, 1)
    information = sensitivity + specificity - 1
    if information <= LEAST_INFORMATION:
        return None
    return min(1.0, max(0.0, (rate + specificity - 1) / information))
