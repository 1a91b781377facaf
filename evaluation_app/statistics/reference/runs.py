"""Reference names of repeated runs, judges, plans and texts."""

from __future__ import annotations

from typing import Any

from evaluation_app.statistics import agreement, calibration, planning, reliability, scores, text_distance
from evaluation_app.statistics.reference.registry import Output, named, of_estimate


@named
def pass_at_k(n: Any, c: Any, k: Any) -> Output:
    """One of k runs passes."""
    return {"value": reliability.pass_at_k(n, c, k)}


@named
def pass_hat_k(n: Any, c: Any, k: Any) -> Output:
    """All of k runs pass."""
    return {"value": reliability.pass_hat_k(n, c, k)}


@named
def pass_hat_k_mean(cases: Any, k: Any) -> Output:
    """All of k runs pass, the mean of the cases."""
    values = [reliability.pass_hat_k(n, c, k) for n, c in cases]
    return {"value": scores.standard_error(values)[0], "cases": len(values)}


@named
def pass_at_k_mean(cases: Any, k: Any) -> Output:
    """One of k runs passes, the mean of the cases."""
    values = [reliability.pass_at_k(n, c, k) for n, c in cases]
    return {"value": scores.standard_error(values)[0], "cases": len(values)}


@named
def exact_agreement(outputs: Any) -> Output:
    """How alike the answers of a case are."""
    found = reliability.exact_agreement(outputs)
    return {
        "agreement": found.agreement,
        "value": found.agreement,
        "entropy_nats": found.entropy_nats,
        "groups": found.groups,
        "n": found.runs,
    }


@named
def cohens_kappa(table: Any, confidence: float = 0.95) -> Output:
    """Agreement beyond chance."""
    found = agreement.cohens_kappa(table, confidence)
    return of_estimate(found.kappa) | {
        "kappa": found.kappa.value,
        "agreement": found.agreement,
        "observed": found.agreement,
        "expected": found.by_chance,
        "by_chance": found.by_chance,
    }


@named
def rogan_gladen(apparent_rate: Any, sensitivity: Any, specificity: Any) -> Output:
    """The true rate behind a judge's."""
    rate = calibration.rogan_gladen(apparent_rate, sensitivity, specificity)
    return dict.fromkeys(("value", "rate", "true_rate", "corrected_rate", "corrected", "estimate", "prevalence"), rate)


@named
def cases_for_half_width(
    rate: Any, half_width: Any, confidence: float = 0.95, runs: Any = 1, icc: Any = planning.ASSUMED_ICC
) -> Output:
    """Cases for a rate known as closely."""
    cases = planning.cases_for_half_width(rate, half_width, confidence, runs, icc)
    return {"cases": cases, "value": cases, "n": cases, "samples": cases * int(runs)}


@named
def optimal_runs_per_case(
    cost_of_a_case: Any, cost_of_a_run: Any, variance_between: Any, variance_within: Any
) -> Output:
    """The best runs a case for the money."""
    best = planning.optimal_runs_per_case(cost_of_a_case, cost_of_a_run, variance_between, variance_within)
    exact = dict.fromkeys(("value", "runs", "optimal_runs", "exact", "m"), best.exact)
    return exact | {"runs_per_case": best.runs, "rounded": best.runs}


@named
def sample_size_paired(effect_size: Any, power: float = 0.8, alpha: float = 0.05) -> Output:
    """Pairs for a t test."""
    n = planning.sample_size_paired(effect_size, power, alpha)
    return {"n": n, "value": n, "cases": n, "pairs": n}


@named
def sample_size_two_groups(effect_size: Any, power: float = 0.8, alpha: float = 0.05) -> Output:
    """Members of each group for a t test."""
    n = planning.sample_size_two_groups(effect_size, power, alpha)
    return {"n_per_group": n, "n": n, "value": n}


@named
def levenshtein(a: str, b: str) -> Output:
    """Edits between two texts."""
    return {"value": text_distance.levenshtein(a, b)}


@named
def jaro_winkler(a: str, b: str) -> Output:
    """Similarity of two texts."""
    return {"value": text_distance.jaro_winkler(a, b)}


@named
def rouge_l_f1(candidate: str, reference: str) -> Output:
    """The common subsequence of words of two texts."""
    return {"value": text_distance.rouge_l_f1(candidate, reference)}
