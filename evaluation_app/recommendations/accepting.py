"""A recommendation taken over: a new version of the template, whose note says what was measured."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from evaluation_app.models import Recommendation, RecommendationKind
from evaluation_app.recommendations.subject import subject_of
from evaluation_app.recommendations.verifying import Measured, changed_content, measured_of
from foundation.problems import FieldError, Problem, invalid
from foundation.words import number, p_value
from templates_app.models import PromptTemplate, TemplateVersion
from templates_app.versions import lifecycle as templates
from templates_app.versions.lifecycle import Change
from templates_app.versions.text_difference import Piece, words_changed


def hunks_of(old: str, new: str) -> list[list[Piece]]:
    """The pieces of a difference: each that stays, and each place that changes, in turn."""
    told: list[list[Piece]] = []
    for piece in words_changed(old, new):
        if piece.op != "equal" and told and told[-1][0].op != "equal":
            told[-1].append(piece)
        else:
            told.append([piece])
    return told


def text_with(old: str, new: str, chosen: Collection[int], *, begin: int = 0) -> tuple[str, int]:
    """The text with these of its changed places taken over, and how many places there are up to its end.

    Places are counted from `begin`.
    """
    text, number = [], begin
    for pieces in hunks_of(old, new):
        if pieces[0].op == "equal":
            text.append(pieces[0].text)
            continue
        wanted = "insert" if number in chosen else "delete"
        text += [piece.text for piece in pieces if piece.op == wanted]
        number += 1
    return "".join(text), number


def accept(user: User, row: Recommendation, *, hunks: Collection[int] | None = None) -> TemplateVersion:
    """The new version; `hunks`: the changed places to take over, over both texts in order. Raises Problem.

    What was not measured, or not as a whole, says so in its note.
    """
    if row.kind == RecommendationKind.ADVICE:
        raise Problem(409, "nothing_to_accept", "This is advice: change the prompt as you see fit.")
    base = row.variant.template_version
    if base is None:
        message = "The variant is a prompt of its own: save it as a template, then its versions can be made better."
        raise Problem(409, "no_template", message)
    change, is_whole = _chosen(row, hunks)
    note = _note(row, measured_of(row), is_whole=is_whole)

    def change_of(template: PromptTemplate) -> Change:
        if template.version.content_hash != base.content_hash:
            message = (
                f"The template has changed since version {base.number} was tested: version {template.version.number}."
            )
            raise Problem(409, "conflict", message)
        content = template.content
        if row.kind == RecommendationKind.MODEL:
            content = replace(content, model_id=change["model_id"])
        else:
            content = changed_content(content, change)
        return Change({}, content, note)

    with transaction.atomic():
        locked = Recommendation.objects.select_for_update().get(id=row.id)
        if locked.accepted_at is not None:
            raise Problem(409, "accepted", "It was taken over already.")
        template = templates.save(user=user, template_id=base.template_id, change_of=change_of)
        locked.accepted, locked.accepted_at = template.version, timezone.now()
        locked.save(update_fields=["accepted", "accepted_at"])
        if locked.draft_id is not None:
            templates.delete(user=user, template_id=locked.draft_id)
    return template.version


def was_taken_whole(row: Recommendation) -> bool | None:
    """Whether all that it changes was taken over; None where nothing was, or the version is gone."""
    if row.accepted is None:
        return None
    if row.kind == RecommendationKind.MODEL:
        return True
    content = row.accepted.content
    return changed_content(content, row.change).texts == content.texts


def _chosen(row: Recommendation, hunks: Collection[int] | None) -> tuple[dict[str, Any], bool]:
    if row.kind == RecommendationKind.MODEL or hunks is None:
        return row.change, True
    texts, change, count = subject_of(row.variant).texts, dict[str, Any](), 0
    for name in texts:
        if name in row.change:
            change[name], count = text_with(texts[name], row.change[name], hunks, begin=count)
    if not hunks or not all(0 <= number < count for number in hunks):
        raise invalid([FieldError("hunks", "invalid", f"Choose from the {count} places that change, from 0.")])
    return change, len(set(hunks)) == count


def _note(row: Recommendation, measured: Measured | None, *, is_whole: bool) -> str:
    if measured is None or measured.comparison.interval_adjusted is None:
        return f"{row.title}: taken over, not measured."
    found, interval = measured.comparison, measured.comparison.interval_adjusted
    p_told = p_value(1.0 if found.p_value_adjusted is None else found.p_value_adjusted)
    told = (
        f"{row.title}: measured on {number(found.cases)} cases held out, {found.verdict} "
        f"({100 * interval.low:+.0f} to {100 * interval.high:+.0f} points, {p_told} of "
        f"{measured.tries} {'try' if measured.tries == 1 else 'tries'})."
    )
    return told if is_whole else f"{told} Only a part of it was taken over, which was not measured."
