"""The baseline of a template: set by who may change the template, compared with by each test that completes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from evaluation_app.baselines.comparing import Compared, compared
from evaluation_app.baselines.sides import Side, sides_of
from evaluation_app.errors import no_baseline_yet
from evaluation_app.models import Baseline, EvaluationTest, EvaluationVariant, TestStatus
from foundation.problems import FieldError, Problem, invalid
from templates_app.models import PromptTemplate
from templates_app.versions import lifecycle as templates


@transaction.atomic
def set_baseline(
    *, user: User, test: EvaluationTest, template_id: UUID, margin: float = 0.0, variant: str | None = None
) -> Baseline:
    """Makes a variant of the test (the first of the template, where none is named) what new tests are held against."""
    try:
        templates.locked(user, template_id)
    except Problem as problem:
        error = FieldError("template_id", problem.code, problem.detail)
        raise Problem(problem.status, problem.code, problem.detail, errors=[error]) from None
    chosen = _variant(test, template_id, variant)
    if test.status != TestStatus.COMPLETED:
        raise no_baseline_yet(test)
    now = timezone.now()
    Baseline.objects.filter(template_id=template_id, ended_at=None).update(ended_at=now)
    return Baseline.objects.create(
        template_id=template_id, test=test, variant=chosen, margin=margin, set_by=user, set_at=now
    )


def _variant(test: EvaluationTest, template_id: UUID, name: str | None) -> EvaluationVariant:
    of_template = test.variants.filter(template_version__template_id=template_id).order_by("position")
    if not of_template:
        raise invalid([FieldError("template_id", "not_in_test", "No variant of this test is a version of it.")])
    found = of_template.filter(name=name).first() if name is not None else of_template[0]
    if found is None:
        raise invalid([FieldError("variant", "unknown", f"No variant of the template has the name {name!r} here.")])
    return found


def present_of(template_id: UUID) -> Baseline | None:
    """The template's baseline, with its test and variant."""
    rows = Baseline.objects.filter(template_id=template_id, ended_at=None)
    return rows.select_related("test", "variant", "variant__template_version", "set_by").first()


def presently(test: EvaluationTest) -> dict[object, Baseline]:
    """What the test is the baseline of now, by template."""
    rows = Baseline.objects.filter(test=test, ended_at=None).select_related("variant")
    return {row.template_id: row for row in rows}


def history_of(template: PromptTemplate) -> list[Baseline]:
    """Every baseline that it had, the present one first."""
    rows = Baseline.objects.filter(template=template).order_by("-set_at")
    return list(rows.select_related("test", "variant", "variant__template_version", "set_by"))


def side_of(baseline: Baseline) -> Side | None:
    """What it is compared by; None where its test is being taken up again."""
    if baseline.test.status != TestStatus.COMPLETED:
        return None
    return next(side for side in sides_of(baseline.test) if side.variant.id == baseline.variant_id)


def against_baseline(test: EvaluationTest) -> dict[str, Any] | None:
    """A completed test against the baselines of its templates; None where none of them has one.

    Flat it is the first variant's comparison, or the first one that regressed; `variants` has all. Each is judged at
    the level of all comparisons of the test together (Bonferroni).
    """
    pairs = _pairs(test)
    if not pairs:
        return None
    level = 1 - (1 - test.confidence) / len(pairs)
    told = [_told(baseline, new, compared(old, new, margin=baseline.margin, confidence=level))
            for baseline, old, new in pairs]  # fmt: skip
    first = next((each for each in told if each["is_regression"]), told[0])
    return {**first, "n_comparisons": len(told), "variants": told}


def _pairs(test: EvaluationTest) -> list[tuple[Baseline, Side, Side]]:
    template_of = dict(
        test.variants.filter(template_version__isnull=False).values_list("id", "template_version__template_id")
    )
    baselines = {template_id: present_of(template_id) for template_id in set(template_of.values())}
    old = {
        template_id: (baseline, side)
        for template_id, baseline in baselines.items()
        if baseline is not None and baseline.test_id != test.id and (side := side_of(baseline)) is not None
    }
    if not old:
        return []
    found = []
    for new in sides_of(test):
        if (pair := old.get(template_of.get(new.variant.id))) is not None:  # type: ignore[arg-type]
            found.append((*pair, new))
    return found


def _told(baseline: Baseline, new: Side, result: Compared) -> dict[str, Any]:
    return {
        "variant": new.variant.name,
        "template_id": str(baseline.template_id),
        "test_id": str(baseline.test_id),
        "baseline_variant": baseline.variant.name,
        "baseline_version": baseline.variant.template_version.number if baseline.variant.template_version else None,
        "set_at": baseline.set_at.isoformat(),
        **result.as_json,
    }


def baseline_json(baseline: Baseline) -> dict[str, Any]:
    """As doors tell it."""
    version = baseline.variant.template_version
    return {
        "id": baseline.id,
        "template_id": baseline.template_id,
        "test_id": baseline.test_id,
        "variant": baseline.variant.name,
        "version": version.number if version else None,
        "margin": baseline.margin,
        "set_by": {"id": baseline.set_by.id, "name": str(baseline.set_by)} if baseline.set_by else None,
        "set_at": baseline.set_at,
        "ended_at": baseline.ended_at,
    }
