"""Who wins when answers are compared two at a time: strengths from votes of people or of a judge."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from evaluation_app.statistics.distributions import normal_quantile, t_quantile, upper_tail
from evaluation_app.statistics.errors import InvalidArgument, share
from evaluation_app.statistics.figures import Estimand, Estimate, Interval, Missing

METHOD: Final = "bradley_terry"
MOST_STEPS: Final = 100
LARGEST_STEP: Final = 2.0


@dataclass(frozen=True, slots=True)
class Vote:
    """One comparison of `a` with `b` on a case: `outcome` 1 for a, 0 for b, 0.5 for a tie (half a win each)."""

    a: str
    b: str
    outcome: float
    case: str

    def __post_init__(self) -> None:
        if self.a == self.b:
            raise InvalidArgument("b", f"must be another than a, not {self.b!r}.")
        if self.outcome not in (0, 0.5, 1):
            raise InvalidArgument("outcome", f"must be 0, 0.5 or 1, not {self.outcome!r}.")


@dataclass(frozen=True, slots=True)
class Strength:
    """A contestant: `strength` in log-odds against the field's mean (0); `wins` its chance against that mean."""

    name: str
    strength: Estimate
    wins: Estimate
    votes: int
    rank: int | None


def bradley_terry(votes: Sequence[Vote], *, confidence: float = 0.95) -> list[Strength]:
    """Strengths, the strongest first (Bradley & Terry 1952); every pair that met counts one tie more.

    The tie keeps who won every time finite. The error is the larger of the model's and the sandwich over cases: votes
    on one case hang together, and a sandwich of equal votes alone has no width (together they cover 0.92 at worst).
    None, `not_identified`, where the contestants fall into groups that never met.
    """
    share("confidence", confidence)
    names = sorted({name for vote in votes for name in (vote.a, vote.b)})
    cases = sorted({vote.case for vote in votes})
    counted = {name: sum(name in (vote.a, vote.b) for vote in votes) for name in names}
    fitted = _fit(votes, names, cases) if names and _is_connected(votes, names) else None
    if fitted is None:
        none = Estimate(
            None, Estimand.CASES_LIKE_THESE, METHOD, len(votes), len(cases), confidence, reason=Missing.NOT_IDENTIFIED
        )
        return [Strength(name, none, none, counted[name], None) for name in names]
    strengths, errors = fitted
    upper = upper_tail(confidence)
    critical = t_quantile(upper, len(cases) - 1) if len(cases) > 1 else normal_quantile(upper)

    def told(i: int, rank: int) -> Strength:
        half = critical * errors[i]
        log_odds = (strengths[i], strengths[i] - half, strengths[i] + half)
        figure = partial(_figure, votes=counted[names[i]], cases=len(cases), confidence=confidence)
        strength = replace(figure(*log_odds), standard_error=errors[i])
        return Strength(names[i], strength, figure(*map(_chance, log_odds)), counted[names[i]], rank)

    order = sorted(range(len(names)), key=lambda i: (-strengths[i], names[i]))
    return [told(i, rank) for rank, i in enumerate(order, 1)]


def _figure(value: float, low: float, high: float, *, votes: int, cases: int, confidence: float) -> Estimate:
    estimand = Estimand.CASES_LIKE_THESE if cases > 1 else Estimand.THIS_CASE
    return Estimate(value, estimand, METHOD, votes, cases, confidence, Interval(low, high, confidence, METHOD))


def _chance(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds)) if log_odds > -700 else 0.0


def _is_connected(votes: Sequence[Vote], names: list[str]) -> bool:
    reached = {names[0]}
    while True:
        more = {n for vote in votes if {vote.a, vote.b} & reached for n in (vote.a, vote.b)} - reached
        if not more:
            return len(reached) == len(names)
        reached |= more


def _fit(votes: Sequence[Vote], names: list[str], cases: list[str]) -> tuple[list[float], list[float]]:
    """Strengths that sum to 0 and their errors, by Newton's steps."""
    import numpy

    place = {name: i for i, name in enumerate(names)}
    won: Any = numpy.zeros((len(cases), len(names), len(names)))
    case_of = {case: i for i, case in enumerate(cases)}
    for vote in votes:
        won[case_of[vote.case], place[vote.a], place[vote.b]] += vote.outcome
        won[case_of[vote.case], place[vote.b], place[vote.a]] += 1 - vote.outcome
    met = won.sum(axis=0) + won.sum(axis=0).T > 0
    wins = won.sum(axis=0) + met / 2
    games = wins + wins.T
    strengths = numpy.zeros(len(names))
    for _ in range(MOST_STEPS):
        chance = 1 / (1 + numpy.exp(strengths[None, :] - strengths[:, None]))
        slope = (wins - games * chance).sum(axis=1)
        weights = games * chance * (1 - chance)
        curvature = numpy.diag(weights.sum(axis=1)) - weights
        inverse = numpy.linalg.pinv(curvature, hermitian=True)
        step = inverse @ slope
        strengths += step * min(1.0, LARGEST_STEP / max(1e-300, float(numpy.abs(step).max())))
        if float(numpy.abs(step).max()) < 1e-10:
            break
    variances = numpy.diag(inverse)
    if len(cases) > 1:
        slopes = (won - (won + won.transpose(0, 2, 1)) * chance).sum(axis=2)
        sandwich = inverse @ (slopes.T @ slopes) @ inverse * len(cases) / (len(cases) - 1)
        variances = numpy.maximum(variances, numpy.diag(sandwich))
    strengths -= strengths.mean()
    return strengths.tolist(), numpy.sqrt(variances).tolist()
