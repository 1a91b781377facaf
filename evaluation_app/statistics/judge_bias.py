"""What sways a judge beside the answer: the order of a pair, and the length of a text."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from evaluation_app.statistics.clustering import Passes
from evaluation_app.statistics.distributions import normal_both_tails, normal_quantile, upper_tail
from evaluation_app.statistics.errors import InvalidArgument, numbers, share
from evaluation_app.statistics.figures import Estimand, Estimate, Interval, Missing
from evaluation_app.statistics.proportions import success_rate

LEAST_OF_A_CLASS: Final = 10
"""Verdicts of each kind under which a logistic regression says nothing (ten events a variable)."""
MOST_ODDS: Final = 15.0
"""A log-odds coefficient above this a standard deviation: length parts the verdicts wholly, and no fit is finite."""


def order_flips(asked: Sequence[Passes], *, confidence: float = 0.95) -> Estimate:
    """The share of pairs whose verdict turns when they are shown the other way round; a case: pairs asked, flipped."""
    return success_rate(asked, confidence=confidence)


@dataclass(frozen=True, slots=True)
class LengthBias:
    """The change of a pass's log-odds with twice the length; None where it cannot be told."""

    per_doubling: Estimate
    p_value: float | None


def length_bias(
    lengths: Sequence[float], passed: Sequence[bool], cases: Sequence[Hashable], *, confidence: float = 0.95
) -> LengthBias:
    """A logistic regression of the verdict on log2 of the answer's length (characters), errors clustered by case."""
    share("confidence", confidence)
    sizes = numbers("lengths", lengths, 0, least=0)
    if not len(sizes) == len(passed) == len(cases):
        raise InvalidArgument("passed", f"and cases must be one a length ({len(sizes)}).")
    rows = sorted(
        (math.log2(size), bool(outcome), str(case))
        for size, outcome, case in zip(sizes, passed, cases, strict=True)
        if size > 0
    )
    n, clusters, method = len(rows), len({case for *_, case in rows}), "logistic_cluster_robust"
    passes = sum(outcome for _, outcome, _ in rows)

    def none(reason: Missing) -> LengthBias:
        return LengthBias(
            Estimate(None, Estimand.CASES_LIKE_THESE, method, n, clusters, confidence, reason=reason), None
        )

    if min(passes, n - passes) < LEAST_OF_A_CLASS or clusters < 2:
        return none(Missing.TOO_FEW_LABELS)
    if rows[0][0] == rows[-1][0]:
        return none(Missing.NO_VARIATION)
    fitted = _fit(rows)
    if fitted is None:
        return none(Missing.NOT_IDENTIFIED)
    slope, error = fitted
    half = normal_quantile(upper_tail(confidence)) * error
    interval = Interval(slope - half, slope + half, confidence, method)
    estimate = Estimate(
        slope, Estimand.CASES_LIKE_THESE, method, n, clusters, confidence, interval, standard_error=error
    )
    return LengthBias(estimate, normal_both_tails(slope / error))


def _fit(rows: list[tuple[float, bool, str]]) -> tuple[float, float] | None:
    """Slope and clustered error; None where the lengths part passes from fails."""
    import numpy
    from statsmodels.discrete.discrete_model import Logit
    from statsmodels.tools.sm_exceptions import PerfectSeparationError

    logs = numpy.array([row[0] for row in rows])
    groups = numpy.unique([row[2] for row in rows], return_inverse=True)[1]
    design: Any = numpy.column_stack([numpy.ones(len(rows)), logs - logs.mean()])
    model = Logit([float(row[1]) for row in rows], design)
    try:
        with numpy.errstate(over="ignore"):  # on its way to lengths that part the verdicts
            fitted = model.fit(
                disp=0, maxiter=100, warn_convergence=False, cov_type="cluster", cov_kwds={"groups": groups}
            )
    except (PerfectSeparationError, numpy.linalg.LinAlgError):
        return None
    slope, error = float(fitted.params[1]), float(fitted.bse[1])
    if not (fitted.mle_retvals["converged"] and math.isfinite(error) and error > 0):
        return None
    return (slope, error) if abs(slope) * float(logs.std()) < MOST_ODDS else None
