"""Labels: moved, taken away and rolled back under the template's lock, each move kept.

Every change of where a label points is made by `_move`, which asks the guards.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from foundation.problems import FieldError, Problem, invalid
from templates_app.errors import version_missing
from templates_app.lookup import LABEL, version_by_number
from templates_app.models import LabelMove, PromptTemplate, TemplateLabel, TemplateVersion
from templates_app.versions.guards import Proposed, answers_when_held, approvals_of
from templates_app.versions.lifecycle import locked, touch
from templates_app.versions.made import label_moved

REMEMBERED: Final = 500
"""Moves that a rollback looks back over."""


def check_name(label: str) -> None:
    """A Problem for what is no label."""
    if not LABEL.fullmatch(label):
        message = "A label begins with a lower-case letter and goes on with letters, digits, - or _, up to 50."
        raise invalid([FieldError("label", "invalid", message)])


@answers_when_held
@transaction.atomic
def move(*, user: User, template_id: UUID, label: str, number: int) -> LabelMove:
    """Points `label` at a version, making the label when it is new."""
    check_name(label)
    template = locked(user, template_id)
    return _move(template, label, version_by_number(template, number), user)


@transaction.atomic
def remove(*, user: User, template_id: UUID, label: str) -> None:
    """Takes the label away; its history stays."""
    check_name(label)
    template = locked(user, template_id)
    _move(template, label, None, user, previous=_present(template, label).version)


@answers_when_held
@transaction.atomic
def roll_back(*, user: User, template_id: UUID, label: str) -> LabelMove:
    """Points `label` where it was before; once more, and it goes one further back."""
    check_name(label)
    template = locked(user, template_id)
    _present(template, label)
    trail = _trail(template, label)
    if len(trail) < 2:
        raise Problem(409, "nothing_to_roll_back", f"{label} has pointed nowhere else before.")
    return _move(template, label, trail[-2], user, is_rollback=True)


def _trail(template: PromptTemplate, label: str) -> list[TemplateVersion]:
    """Where the label was, oldest first, without what was rolled back."""
    moves = template.label_moves.filter(name=label).select_related("version").order_by("-id")[:REMEMBERED]
    trail: list[TemplateVersion] = []
    for each in reversed(moves):
        if each.is_rollback and len(trail) > 1:
            trail.pop()
        elif each.version is not None and (not trail or trail[-1] != each.version):
            trail.append(each.version)
    return trail


def _present(template: PromptTemplate, label: str) -> TemplateLabel:
    found = template.labels.select_related("version").filter(name=label).first()
    if found is None:
        raise version_missing(f"label {label!r}")
    return found


def _move(
    template: PromptTemplate,
    label: str,
    version: TemplateVersion | None,
    user: User,
    *,
    previous: TemplateVersion | None = None,
    is_rollback: bool = False,
) -> LabelMove:
    now = timezone.now()
    found = template.labels.select_related("version").filter(name=label).first()
    before = previous or (found.version if found else None)
    approvals = [] if version in (None, before) else approvals_of(Proposed(template, label, version, user))
    if version is None:
        template.labels.filter(name=label).delete()
    else:
        values = {"version": version, "moved_by": user, "moved_at": now}
        template.labels.update_or_create(name=label, defaults=values)
    touch(template, at=now)
    made = LabelMove.objects.create(
        template=template,
        name=label,
        version=version,
        previous=before,
        moved_by=user,
        moved_at=now,
        is_rollback=is_rollback,
        approved_by=approvals[0].by if approvals else None,
    )
    if approvals:  # its place in the table is what a note is sealed for
        made.note = "\n".join(each.note for each in approvals)
        made.save(update_fields=["note"])
    label_moved.send(TemplateLabel, move=made)
    return made


def moves_of(template: PromptTemplate, label: str) -> QuerySet[LabelMove]:
    """Every move of the label, newest first."""
    check_name(label)
    moves = LabelMove.objects.filter(template=template, name=label).order_by("-id")
    return moves.select_related("version", "previous", "moved_by", "approved_by")


def labels_of(template: PromptTemplate) -> dict[str, int]:
    """Every label with the number of its version."""
    return {label.name: label.version.number for label in template.labels.all()}
