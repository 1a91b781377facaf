"""A test's results (design.md §9): figures of each variant, what sets them apart, and where they come from."""

from __future__ import annotations

from typing import Any

from evaluation_app.figures.distributions import distributions_of
from evaluation_app.figures.groups import groups_of
from evaluation_app.figures.totals import Totals, names_in_order, names_of, names_of_generated, whole_cases
from evaluation_app.models import EvaluationTest
from evaluation_app.recommendations.failures import found_by_rules
from evaluation_app.statistics.cases import pooled
from evaluation_app.statistics.comparing import Comparison, compare_variants
from evaluation_app.statistics.figures import as_json
from evaluation_app.statistics.groups import group_differences
from evaluation_app.statistics.proportions import success_rate
from evaluation_app.statistics.summary import summarise


def results_of(test: EvaluationTest) -> dict[str, Any]:
    """Everything that the test shows, from its totals alone; computed again, it is the same bit for bit.

    Flat, as for a test of one variant, the figures are those of the first; `variants` has those of each.
    """
    totals = whole_cases(test)
    made_by_models = names_of_generated(test)
    places = {name: position for position, name in enumerate(names_of(test))}
    lie = distributions_of(test, totals)
    variants = [
        {**_of_variant(test, name, cases, places, made_by_models), "distributions": lie[name]}
        for name, cases in totals.items()
    ]
    comparisons = _comparisons(test, totals)
    used = len(next(iter(totals.values())))
    return {
        **{name: value for name, value in variants[0].items() if name not in ("name", "distributions")},
        "variants": variants,
        "recommendations": [{"title": title, "reason": reason} for title, reason in found_by_rules(test)],
        "comparisons": [comparison.as_json for comparison in comparisons],
        "groups": _groups(test, totals, comparisons),
        "blocks": {"used": used, "of": test.blocks},
        "seed": test.seed,
        "confidence": test.confidence,
        "usage": _usage(test),
    }


def _of_variant(
    test: EvaluationTest, name: str, cases: Any, places: dict[str, int], made_by_models: frozenset[str]
) -> dict[str, Any]:
    told = summarise(cases, seed=test.seed, confidence=test.confidence).as_json
    for case in told["cases"]:
        case["index"] = places[case["case"]]
        case["samples_url"] = f"/api/evaluation/{test.id}/samples?case={case['index']}"
    told["cases"].sort(key=lambda case: case["index"])
    return {"name": name, **told, "generated": _generated(test, cases, made_by_models)}


def _generated(test: EvaluationTest, cases: Any, made_by_models: frozenset[str]) -> dict[str, Any] | None:
    """What cases that a model made come to, and the rate without them; None where there are none."""
    theirs = [case for case in cases if case.case in made_by_models]
    if not theirs:
        return None
    others = [case for case in cases if case.case not in made_by_models]
    return {
        "cases": len(theirs),
        "samples": sum(case.scored for case in theirs),
        "passed": sum(case.passed for case in theirs),
        "success_rate": as_json(success_rate(pooled(theirs), confidence=test.confidence)),
        "without": as_json(success_rate(pooled(others), confidence=test.confidence)),
    }


def _comparisons(test: EvaluationTest, totals: Totals) -> list[Comparison]:
    if len(totals) < 2 or not any(totals.values()):
        return []
    planned = test.policy.get("comparisons", "baseline")
    blocks = _looked_at(test)
    return compare_variants(totals, seed=test.seed, planned=planned, confidence=test.confidence, blocks=blocks)


def _groups(test: EvaluationTest, totals: Totals, comparisons: list[Comparison]) -> list[dict[str, Any]]:
    groups = groups_of(test) if comparisons else {}
    if not groups:
        return []
    pairs = [(comparison.a, comparison.b) for comparison in comparisons]
    blocks = _looked_at(test)
    found = group_differences(totals, groups, pairs=pairs, confidence=test.confidence, blocks=blocks)
    return [each.as_json for each in found]


def _looked_at(test: EvaluationTest) -> list[str] | None:
    """The cases in the order drawn, where the test was looked at on its way: also when that did not stop it."""
    return names_in_order(test) if test.stops_early else None


def _usage(test: EvaluationTest) -> dict[str, Any]:
    rows = list(test.totals.all().values_list("prompt_tokens", "completion_tokens"))
    prompt, completion = sum(row[0] for row in rows), sum(row[1] for row in rows)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "estimated_cost": float(test.spent_cost),
    }
