"""A test that was made once as a body that a suite runs again, with its template's version left open."""

from __future__ import annotations

from typing import Any

from evaluation_app.creation.case_scorers import is_plain
from evaluation_app.models import EvaluationCase, EvaluationTest, EvaluationVariant


def body_of(test: EvaluationTest) -> dict[str, Any]:
    """What would make the test again; of its variants of one template, the newest version is left open."""
    variants = list(test.variants.select_related("template_version").order_by("position"))
    on_trial = _on_trial(variants)
    parameters: dict[str, Any] = {"runs": test.runs, "confidence": test.confidence}
    if test.max_cost is not None:
        parameters["max_cost"] = float(test.max_cost)
    made: dict[str, Any] = {"name": test.name, "test_cases": [_case(case) for case in test.cases.order_by("position")]}
    parameters |= {name: test.policy[name] for name in ("timeout", "early_stop") if name in test.policy}
    asked_beside = ("concurrency", "error_policy", "comparisons", "project_id", "speed")
    made |= {name: test.policy[name] for name in asked_beside if name in test.policy}
    if test.tags:
        made["tags"] = test.tags
    asked = [_asked(variant, is_open=variant is on_trial) for variant in variants]
    if len(asked) == 1:
        return {**made, **asked[0], "parameters": {**asked[0].get("parameters", {}), **parameters}}
    named = [{"name": variant.name, **body} for variant, body in zip(variants, asked, strict=True)]
    return {**made, "variants": named, "parameters": parameters}


def _on_trial(variants: list[EvaluationVariant]) -> EvaluationVariant | None:
    versions = [(variant.template_version, variant) for variant in variants if variant.template_version]
    if not versions:
        return None
    template_id = versions[0][0].template_id
    same = [(version.number, variant) for version, variant in versions if version.template_id == template_id]
    return max(same, key=lambda pair: pair[0])[1]


def _asked(variant: EvaluationVariant, *, is_open: bool) -> dict[str, Any]:
    body = dict(variant.body)
    if is_open:
        body.pop("version", None)
    return {"model_id": variant.model_id, **body}


def _case(case: EvaluationCase) -> dict[str, Any]:
    made: dict[str, Any] = {"id": case.key, "input": case.input, "tags": case.tags}
    made |= {name: getattr(case, name) for name in ("name", "cluster") if getattr(case, name)}
    if case.weight != 1:
        made["weight"] = case.weight
    if case.is_generated:
        made["is_generated"] = True
    scorers = case.scorers
    if case.expected is not None:
        made["expected_output"] = case.expected
        # Where it says how it is judged, the first of them was made of it, and will be again.
        scorers = scorers if is_plain(case.expected) else scorers[1:]
    return {**made, "scorers": scorers} if scorers else made
