"""How often models did well with a prompt, from tests that ran to their end: what estimates of cost are laid beside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from accounts.models import User
from evaluation_app.figures.totals import variant_names
from evaluation_app.models import EvaluationTest, EvaluationVariant, TestStatus
from templates_app.versions import measured
from templates_app.versions.measured import Measured, Subject

LOOKED_AT: Final = 100
"""Variants, those of the newest tests; a prompt is known by its text, which is sealed."""


def measured_by_tests(user: User, subject: Subject, model_ids: Sequence[str]) -> dict[str, Measured]:
    """Of each model the newest test with a success rate; of a template that of any of its versions.

    Tests that did not run to their end, and those of which answers are missing, say nothing.
    """
    if subject.template_id is None and not subject.prompt:
        return {}
    seen = EvaluationTest.objects.visible_to(user).filter(status=TestStatus.COMPLETED, results__isnull=False)
    seen = seen.filter(stop_reason="", skipped=0)
    variants = EvaluationVariant.objects.filter(test__in=seen, model_id__in=model_ids)
    if subject.template_id is not None:
        variants = variants.filter(template_version__template_id=subject.template_id)
    else:
        variants = variants.filter(template_version=None)
    newest = variants.select_related("test", "template_version").order_by("-test__completed_at", "-test_id", "position")
    found: dict[str, Measured] = {}
    for variant in newest[:LOOKED_AT]:
        is_new = variant.model_id not in found
        if is_new and _is_of(variant, subject) and (figure := _figure(variant)) is not None:
            found[variant.model_id] = figure
    return found


def _is_of(variant: EvaluationVariant, subject: Subject) -> bool:
    if subject.template_id is not None:
        return True
    asked = {"prompt": subject.prompt, "system_prompt": subject.system_prompt, "messages": ""}
    return all((variant.body.get(name) or "") == text for name, text in asked.items())


def _figure(variant: EvaluationVariant) -> Measured | None:
    name = variant_names(variant.test)[variant.id]
    told: list[dict[str, Any]] = (variant.test.results or {}).get("variants", [])
    figures = next((each for each in told if each["name"] == name), None)
    if figures is None or figures["success_rate"] is None or figures["errors"]["is_told"]:
        return None
    interval = figures.get("success_rate_interval") or {}
    version = variant.template_version
    return Measured(
        test_id=variant.test_id,
        rate=figures["success_rate"],
        low=interval.get("low"),
        high=interval.get("high"),
        samples=figures["completed_runs"],
        version=version.number if version else None,
    )


def register() -> None:
    """To be called when the app is ready."""
    measured.register(measured_by_tests)
