"""Figures in which cases count as much as somebody said they should, beside those in which all count alike."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from evaluation_app.statistics.cases import CaseTotal
from evaluation_app.statistics.figures import Estimand, Estimate, Missing, Weighting

METHOD = "weighted_mean_of_case_means"


def weighted_mean(
    cases: Sequence[CaseTotal], figure: Callable[[CaseTotal], float | None], confidence: float
) -> Estimate | None:
    """Σ w·x / Σ w over the cases that have the figure x, each its own mean of runs; None where all weights are equal.

    It has no interval: what weights somebody chose make of the error is not measured, and the unweighted figure beside
    it has one. `n` are scored samples, `cases` those with the figure, whatever cluster they are of.
    """
    if len({case.weight for case in cases}) < 2:
        return None
    known = [(case, value) for case in cases if (value := figure(case)) is not None]
    n = sum(case.scored for case, _ in known)
    if not known:
        value, reason = None, Missing.NO_SCORED_SAMPLES
    else:
        total = math.fsum(case.weight for case, _ in known)
        value = min(1.0, math.fsum(case.weight * value for case, value in known) / total)
        reason = Missing.CHOSEN_WEIGHTS
    return Estimate(
        value,
        Estimand.CASES_LIKE_THESE,
        METHOD,
        n,
        len(known),
        confidence,
        reason=reason,
        weighting=Weighting.CASE_WEIGHTS,
    )
