"""How often models did well with a prompt, from tests that ran to their end: what estimates of cost are laid beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db.models import Count
from django.urls import reverse

from accounts.models import User
from evaluation_app.figures.totals import variant_names
from evaluation_app.models import EvaluationTest, EvaluationVariant, TestStatus
from templates_app.versions import measured
from templates_app.versions.measured import Compared, Measured, Period, SideBySide, Subject

LOOKED_AT: Final = 100
"""Variants, those of the newest tests; a prompt is known by its text, which is sealed."""
TESTS_LOOKED_AT: Final = 20
"""Results hold the figures of every case."""


def measured_by_tests(user: User, subject: Subject, model_ids: Sequence[str]) -> dict[str, Measured]:
    """Of each model the newest test with a success rate; of a template that of any of its versions.

    Tests that did not run to their end, and those of which answers are missing, say nothing.
    """
    if subject.template_id is None and not subject.prompt:
        return {}
    variants = EvaluationVariant.objects.filter(test__in=_ended(user), model_id__in=model_ids)
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


def _ended(user: User) -> Any:
    seen = EvaluationTest.objects.visible_to(user).filter(status=TestStatus.COMPLETED, results__isnull=False)
    return seen.filter(stop_reason="", skipped=0)


def _is_of(variant: EvaluationVariant, subject: Subject) -> bool:
    if subject.template_id is not None:
        return True
    asked = {"prompt": subject.prompt, "system_prompt": subject.system_prompt, "messages": ""}
    return all((variant.body.get(name) or "") == text for name, text in asked.items())


def _figure(variant: EvaluationVariant) -> Measured | None:
    name = variant_names(variant.test)[variant.id]
    told: list[dict[str, Any]] = (variant.test.results or {}).get("variants", [])
    figures = next((each for each in told if each["name"] == name), None)
    if figures is None or not _is_known(figures):
        return None
    low, high = _interval(figures)
    version = variant.template_version
    return Measured(
        test_id=variant.test_id,
        rate=figures["success_rate"],
        low=low,
        high=high,
        samples=figures["completed_runs"],
        version=version.number if version else None,
    )


def side_by_side_in_tests(user: User, period: Period, most: int) -> list[SideBySide]:
    """The newest tests of several variants that ran to their end, with those whose rate and cost are known."""
    seen = _ended(user).filter(completed_at__gte=period.since, completed_at__lt=period.before)
    if period.people is not None:
        seen = seen.filter(user__in=period.people)
    several = seen.annotate(compared=Count("variants")).filter(compared__gt=1)
    found: list[SideBySide] = []
    for test in several.order_by("-completed_at", "-id").prefetch_related("variants")[:TESTS_LOOKED_AT]:
        compared = _compared(test)
        if len(compared) > 1 and test.completed_at:
            address = reverse("evaluation", args=[test.id])
            found.append(SideBySide(test.id, test.name, test.completed_at, address, compared))
        if len(found) == most:
            break
    return found


def _compared(test: EvaluationTest) -> list[Compared]:
    names = variant_names(test)
    models = {names[variant.id]: variant.model_id for variant in test.variants.all()}
    found = []
    for told in (test.results or {}).get("variants", []):
        if _is_known(told) and told["cost"] is not None and told["total_runs"]:
            low, high = _interval(told)
            cost = told["cost"] / told["total_runs"]
            runs = told["completed_runs"]
            found.append(Compared(told["name"], models[told["name"]], told["success_rate"], low, high, runs, cost))
    return found


def _is_known(figures: Mapping[str, Any]) -> bool:
    return figures["success_rate"] is not None and not figures["errors"]["is_told"]


def _interval(figures: Mapping[str, Any]) -> tuple[float | None, float | None]:
    interval = figures.get("success_rate_interval") or {}
    return interval.get("low"), interval.get("high")


def register() -> None:
    """To be called when the app is ready."""
    measured.register(measured_by_tests)
    measured.register_side_by_side(side_by_side_in_tests)
