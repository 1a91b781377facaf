"""Whether a recommendation makes anything better: a paired test on the cases held out, among all that were tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from evaluation_app.creation.bodies import ComparedSerializer
from evaluation_app.creation.creating import create
from evaluation_app.figures.totals import whole_cases
from evaluation_app.models import Recommendation, RecommendationKind, TestStatus
from evaluation_app.recommendations.division import division_of
from evaluation_app.recommendations.subject import body_with, subject_of
from evaluation_app.sharing import share_alike
from evaluation_app.statistics.comparing import TOO_FEW_UNDER, Comparison, compare_variants
from evaluation_app.statistics.verdicts import Outcome
from foundation.problems import Problem
from foundation.rest.serializers import checked_json
from foundation.words import number
from templates_app.content import Content
from templates_app.models import PromptTemplate
from templates_app.versions import lifecycle as templates
from templates_app.versions.lifecycle import Change

AS_IT_IS, PROPOSED = "as it is", "proposed"
TAG: Final = "verification"


class Standing(StrEnum):
    """How far a recommendation is."""

    PROPOSED = "proposed"
    VERIFYING = "verifying"
    VERIFIED = "verified"
    """It is better, as far as can be told with all that was tried."""
    REFUSED = "refused"
    """No difference was shown, or it is worse."""
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Measured:
    """What verification has shown; both bills are USD of the same cases and runs, None where a price is unknown."""

    comparison: Comparison
    tries: int
    """Recommendations measured on these cases so far, this one among them: Holm counts each."""
    cost_before: float | None
    cost_after: float | None


def verify(user: User, row: Recommendation, asked: Mapping[str, Any]) -> Recommendation:
    """Begins the paired test (runs?, max_cost?, confirm_cost?), the same people's as its first; raises Problem.

    `user` is the owner of the test, whoever of its editors asks: theirs are the bill and the draft to take over.
    """
    if row.kind == RecommendationKind.ADVICE:
        raise Problem(409, "nothing_to_verify", "This is advice: there is no change of the prompt to measure.")
    if row.verification_id is not None:
        raise Problem(409, "verifying", "It is being measured, or has been: a second look would be a second try.")
    base, division = row.test, division_of(row.test)
    if division.clusters < TOO_FEW_UNDER:
        message = f"{number(division.clusters)} cases are held out; fewer than {TOO_FEW_UNDER} show nothing. Add cases."
        raise Problem(409, "too_few_cases", message)
    changed, draft = _changed(user, row)
    limits = {name: asked[name] for name in ("max_cost",) if asked.get(name) is not None}
    body = {
        "name": f"{base.name[:180]}: {row.title[:60]}",
        "variants": [{"name": AS_IT_IS, **row.variant.body}, {"name": PROPOSED, **changed}],
        "test_cases": division.held_out,
        "parameters": {"runs": asked.get("runs", base.runs), "confidence": base.confidence, **limits},
        "tags": [TAG],
        "confirm_cost": asked.get("confirm_cost", False),
        **{name: base.policy[name] for name in ("project_id",) if name in base.policy},
    }
    try:
        return _begun(user, row, body, draft)
    except Exception:
        if draft is not None:
            templates.delete(user=user, template_id=draft.id)
        raise


@transaction.atomic
def _begun(user: User, row: Recommendation, body: Mapping[str, Any], draft: PromptTemplate | None) -> Recommendation:
    locked = Recommendation.objects.select_for_update().get(id=row.id)
    if locked.verification_id is not None:
        raise Problem(409, "verifying", "It is being measured already.")
    locked.verification, locked.draft = create(user=user, asked=checked_json(ComparedSerializer(), body)), draft
    locked.save(update_fields=["verification", "draft"])
    share_alike(locked.verification, row.test)
    return locked


@transaction.atomic
def put_draft_away(test_id: UUID) -> None:
    """Deletes the private template of an edit once it was measured in full; one that may be asked again stays."""
    rows = Recommendation.objects.select_for_update(of=("self",)).select_related("verification", "draft")
    row = rows.filter(verification_id=test_id, draft__isnull=False).first()
    if row is None or row.draft is None or row.verification is None:
        return
    test = row.verification
    if not TestStatus(test.status).is_final or test.errors or test.skipped:
        return
    if row.draft.deleted_at is None:
        templates.delete(user=row.draft.owner, template_id=row.draft.id)
    row.draft = None
    row.save(update_fields=["draft"])


def standing_of(row: Recommendation) -> tuple[Standing, Measured | None]:
    """How far it is, and what was measured."""
    measured = measured_of(row)
    if row.accepted_at is not None:
        return Standing.ACCEPTED, measured
    if row.verification is None:
        return Standing.PROPOSED, None
    if not TestStatus(row.verification.status).is_final:
        return Standing.VERIFYING, None
    is_better = measured is not None and measured.comparison.outcome == Outcome.B_BETTER
    return (Standing.VERIFIED if is_better else Standing.REFUSED), measured


def measured_of(row: Recommendation) -> Measured | None:
    """From the verification's totals, counted with every other try on the same cases; None before its end."""
    test = row.verification
    if test is None or not TestStatus(test.status).is_final:
        return None
    others = _other_tries(row)
    totals = whole_cases(test)
    if len(totals) < 2 or not any(totals.values()):
        return None
    (comparison,) = compare_variants(totals, seed=test.seed, confidence=test.confidence, also_tested=others)
    bills = [each["cost"] for each in (test.results or {}).get("variants", [])] or [None, None]
    return Measured(comparison, 1 + len(others), *bills[:2])


def _other_tries(row: Recommendation) -> list[float]:
    """The p-values of what else was measured on these cases; a try without one counts as having shown nothing.

    Another test of the same dataset holds out the same cases: to begin it anew is no new beginning.
    """
    base = row.test
    alike = Q(test_id=base.id)
    if base.dataset_version is not None:
        alike = Q(test__user_id=base.user_id, test__dataset_version__dataset_id=base.dataset_version.dataset_id)
    rows = Recommendation.objects.filter(alike, verification__isnull=False).exclude(id=row.id)
    found = []
    for other in rows.select_related("verification"):
        test = other.verification
        if test is None or not TestStatus(test.status).is_final:
            continue
        compared = (test.results or {}).get("comparisons") or [{}]
        p_value = compared[0].get("p_value")
        found.append(1.0 if p_value is None else float(p_value))
    return found


def _changed(user: User, row: Recommendation) -> tuple[dict[str, Any], PromptTemplate | None]:
    """The changed variant's body; of a template it is a private one of its own, so that both are run alike.

    It is committed at once: what checks the test's body reads it on other connections.
    """
    body: dict[str, Any] = row.variant.body
    if row.kind == RecommendationKind.MODEL:
        return {**body, "model_id": row.change["model_id"]}, None
    subject = subject_of(row.variant)
    if subject.content is None:
        return body_with(body, row.change), None
    name = f"Proposed: {row.title[:150]}"
    details = {"name": name, "description": f"Measured for “{row.test.name[:200]}”.", "visibility": "private"}
    draft = templates.create(owner=user, change=Change(details, changed_content(subject.content, row.change)))
    rest = {key: value for key, value in body.items() if key not in ("template_id", "version")}
    return {**rest, "template_id": str(draft.id), "version": 1, "model_id": row.variant.model_id}, draft


def changed_content(content: Content, change: Mapping[str, Any]) -> Content:
    """The content with other texts."""
    return content.with_texts({**dict(content.texts), **change})
