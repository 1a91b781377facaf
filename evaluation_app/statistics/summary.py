"""All figures of one variant from its case totals: how often, how well, how steadily, how fast, for how much."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from evaluation_app.statistics.bounds import ErrorBounds, errors_as_bounds
from evaluation_app.statistics.cases import CaseTotal, clusters_of, in_order, pooled
from evaluation_app.statistics.clustering import Spread, spread
from evaluation_app.statistics.figures import Estimand, Estimate, Missing, Weighting, as_json
from evaluation_app.statistics.proportions import success_rate
from evaluation_app.statistics.reliability import agreement_of_groups, pass_at_k, pass_hat_k
from evaluation_app.statistics.scores import bounded_mean, mean_of_case_means, percentile, quantiles
from evaluation_app.statistics.weighting import weighted_mean

USEFUL_K: Final = (1, 2, 3, 5, 10, 20, 50, 100)
CASES_FOR_A_K: Final = 0.5
"""The share of scored cases that must have k runs; the others are not in that figure, which tells its cases."""
ENTROPY_BIAS: Final = "biased low for few runs"
SEMANTIC_ENTROPY: Final = "semantic_clusters_complete_linkage"
LATENCIES: Final = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """The figures of one case alone; `success.estimand` says so."""

    case: str
    success: Estimate
    score: Estimate
    pass_at_k: dict[int, float]
    pass_hat_k: dict[int, float]
    consistency: float | None
    same_meaning: float | None
    entropy_nats: float | None
    meanings: int | None
    is_flaky: bool
    scored: int
    passed: int
    errors: int
    latency: dict[str, float | None]
    cost: Decimal | None
    cost_per_success: Decimal | None

    @property
    def as_json(self) -> dict[str, Any]:
        """For the payload's `cases`."""
        return {
            **{name: value for name, value in as_json(self).items() if name not in ("success", "score")},
            "success_rate": self.success.value,
            "success_rate_interval": _interval(self.success),
            "average_score": self.score.value,
            "average_score_interval": _interval(self.score),
        }


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a variant. `success` and `score` pool samples; all that tells how steady it is are means of cases.

    Weighted ones are None where all cases weigh the same. `consistency`: pairs of runs that are equal to the letter,
    `same_meaning`: that say the same. `entropy` of meanings is biased low for few runs. `cost_per_success` is all money
    over all passes.
    """

    success: Estimate
    score: Estimate
    weighted_success: Estimate | None
    weighted_score: Estimate | None
    consistency: Estimate
    same_meaning: Estimate
    entropy: Estimate
    pass_at_k: dict[int, Estimate]
    pass_hat_k: dict[int, Estimate]
    spread: Spread
    flaky_cases: tuple[str, ...]
    latency: dict[str, Estimate]
    mean_latency: Estimate
    cost: Decimal | None
    cost_per_success: Decimal | None
    cost_per_success_reason: Missing | None
    errors: ErrorBounds
    cases: tuple[CaseSummary, ...]

    @property
    def as_json(self) -> dict[str, Any]:
        """For the payload: the flat figures, and `figures` with method, estimand and n of each."""
        return {
            "success_rate": self.success.value,
            "success_rate_interval": _interval(self.success),
            "average_score": self.score.value,
            "score_standard_error": self.score.standard_error,
            "weighted_success_rate": self.weighted_success and self.weighted_success.value,
            "weighted_average_score": self.weighted_score and self.weighted_score.value,
            "consistency": self.consistency.value,
            "same_meaning": self.same_meaning.value,
            "entropy_nats": self.entropy.value,
            "entropy_bias": ENTROPY_BIAS,
            "pass_at_k": {str(k): figure.value for k, figure in self.pass_at_k.items()},
            "pass_hat_k": {str(k): figure.value for k, figure in self.pass_hat_k.items()},
            "variance_between_cases": self.spread.between,
            "variance_within_cases": self.spread.within,
            "icc": self.spread.icc,
            "flaky_cases": list(self.flaky_cases),
            "total_runs": self.errors.scored + self.errors.errors,
            "completed_runs": self.errors.scored,
            "failed_runs": self.errors.errors,
            "errors": as_json(self.errors),
            "latency": {name: figure.value for name, figure in self.latency.items()},
            "cost": None if self.cost is None else float(self.cost),
            "cost_per_success": None if self.cost_per_success is None else float(self.cost_per_success),
            "cost_per_success_reason": self.cost_per_success_reason,
            "figures": {
                "success_rate": self.success.as_json,
                "average_score": self.score.as_json,
                "weighted_success_rate": self.weighted_success and self.weighted_success.as_json,
                "weighted_average_score": self.weighted_score and self.weighted_score.as_json,
                "consistency": self.consistency.as_json,
                "same_meaning": self.same_meaning.as_json,
                "entropy_nats": self.entropy.as_json,
                "pass_at_k": {str(k): figure.as_json for k, figure in self.pass_at_k.items()},
                "pass_hat_k": {str(k): figure.as_json for k, figure in self.pass_hat_k.items()},
                "latency": {
                    **{name: figure.as_json for name, figure in self.latency.items()},
                    "mean": self.mean_latency.as_json,
                },
            },
            "cases": [case.as_json for case in self.cases],
        }


def summarise(cases: Sequence[CaseTotal], *, seed: int, confidence: float = 0.95, gate: bool = False) -> Summary:
    """The figures of one variant. `gate`: the exact interval, which may be wide and is never too narrow.

    `seed` is that of the test: the same figures come again from the same totals, in whatever order they are given.
    """
    ordered = in_order(cases)
    clusters = clusters_of(ordered)
    success = success_rate(pooled(ordered), confidence=confidence, gate=gate)
    latencies = [[value for case in cluster for value in case.latencies] for cluster in clusters]
    of_quantiles = quantiles(latencies, list(LATENCIES.values()), confidence=confidence, seed=seed)
    cost = _cost(ordered)
    passed, scored = sum(case.passed for case in ordered), sum(case.scored for case in ordered)
    return Summary(
        success=success,
        score=_score(ordered, clusters, success, confidence),
        weighted_success=weighted_mean(ordered, lambda case: case.pass_rate, confidence),
        weighted_score=weighted_mean(ordered, lambda case: case.mean_score, confidence),
        consistency=_mean_of_cases(clusters, _consistency, confidence),
        same_meaning=_mean_of_cases(clusters, _same_meaning, confidence),
        entropy=_entropy(ordered, confidence),
        pass_at_k=_by_k(clusters, pass_at_k, confidence),
        pass_hat_k=_by_k(clusters, pass_hat_k, confidence),
        spread=_spread(ordered),
        flaky_cases=tuple(case.case for case in ordered if case.is_flaky),
        latency=dict(zip(LATENCIES, of_quantiles, strict=True)),
        mean_latency=mean_of_case_means(latencies, confidence),
        cost=cost,
        cost_per_success=cost / passed if cost is not None and passed else None,
        cost_per_success_reason=Missing.NO_COST if cost is None else None if passed else Missing.NO_SUCCESS,
        errors=errors_as_bounds(passed, scored, sum(case.errors for case in ordered)),
        cases=tuple(summarise_case(case, confidence=confidence) for case in ordered),
    )


def summarise_case(case: CaseTotal, *, confidence: float = 0.95) -> CaseSummary:
    """The figures of one case, from its runs alone."""
    success = success_rate([case.passes], confidence=confidence)
    useful = [k for k in USEFUL_K if k <= case.scored]
    return CaseSummary(
        case=case.case,
        success=success,
        score=bounded_mean([case.values], confidence) if case.scores else success,
        pass_at_k={k: pass_at_k(case.scored, case.passed, k) for k in useful},
        pass_hat_k={k: pass_hat_k(case.scored, case.passed, k) for k in useful},
        consistency=_consistency(case),
        same_meaning=_same_meaning(case),
        entropy_nats=agreement_of_groups(case.meanings).entropy_nats,
        meanings=len(case.meanings) or None,
        is_flaky=case.is_flaky,
        scored=case.scored,
        passed=case.passed,
        errors=case.errors,
        latency={name: percentile(case.latencies, q) if case.latencies else None for name, q in LATENCIES.items()},
        cost=case.cost,
        cost_per_success=case.cost / case.passed if case.cost is not None and case.passed else None,
    )


def _interval(figure: Estimate) -> dict[str, Any] | None:
    return as_json(figure.interval) if figure.interval else None


def _score(ordered: list[CaseTotal], clusters: list[list[CaseTotal]], success: Estimate, confidence: float) -> Estimate:
    """The average score; where scores are passes, the success rate's own interval with the clustered error."""
    scored = [[value for case in cluster for value in case.values] for cluster in clusters]
    found = bounded_mean(scored, confidence)
    if any(case.scores for case in ordered):
        return found
    return replace(success, standard_error=found.standard_error)


def _consistency(case: CaseTotal) -> float | None:
    return agreement_of_groups(case.answers).agreement


def _same_meaning(case: CaseTotal) -> float | None:
    return agreement_of_groups(case.meanings).agreement


def _mean_of_cases(
    clusters: list[list[CaseTotal]], figure: Callable[[CaseTotal], float | None], confidence: float
) -> Estimate:
    """The mean of a figure in 0…1 that each case has, or has not."""
    values = [[value for case in cluster if (value := figure(case)) is not None] for cluster in clusters]
    return replace(bounded_mean(values, confidence), weighting=Weighting.CASES)


def _by_k(
    clusters: list[list[CaseTotal]], figure: Callable[[int, int, int], float], confidence: float
) -> dict[int, Estimate]:
    scored = sorted(case.scored for cluster in clusters for case in cluster if case.scored)

    def of_k(k: int) -> Estimate:
        return _mean_of_cases(
            clusters, lambda case: figure(case.scored, case.passed, k) if case.scored >= k else None, confidence
        )

    return {k: of_k(k) for k in USEFUL_K if scored and sum(n >= k for n in scored) >= CASES_FOR_A_K * len(scored)}


def _entropy(ordered: list[CaseTotal], confidence: float) -> Estimate:
    """The mean entropy of the cases' meanings in nats. Without an interval: more runs would raise it."""
    told = [(sum(case.meanings), agreement_of_groups(case.meanings).entropy_nats) for case in ordered]
    known = [(runs, entropy) for runs, entropy in told if entropy is not None]
    return Estimate(
        math.fsum(entropy for _, entropy in known) / len(known) if known else None,
        Estimand.CASES_LIKE_THESE,
        SEMANTIC_ENTROPY,
        sum(runs for runs, _ in known),
        len(known),
        confidence,
        reason=Missing.BIASED_LOW if known else Missing.TOO_FEW_RUNS,
        weighting=Weighting.CASES,
    )


def _spread(ordered: list[CaseTotal]) -> Spread:
    present = [case.values for case in ordered if case.scored]
    return spread(
        [len(values) for values in present],
        [math.fsum(values) for values in present],
        [math.fsum(value * value for value in values) for values in present],
    )


def _cost(ordered: list[CaseTotal]) -> Decimal | None:
    known = [case.cost for case in ordered if case.cost is not None]
    ran = [case for case in ordered if case.scored or case.errors]
    return sum(known, Decimal(0)) if ran and all(case.cost is not None for case in ran) else None
