"""Labels: moved, taken away and rolled back under the template's lock, each move kept.

Every change of where a label points is made by `_move`, which asks the guards, and refuses protected labels but for
`carry_out`: what a second person has approved.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from foundation.problems import Problem
from templates_app.errors import version_missing
from templates_app.lookup import check_label, version_by_number
from templates_app.models import (
    LabelMove,
    PromptTemplate,
    SplitOutcome,
    TemplateLabel,
    TemplateSplit,
    TemplateVersion,
)
from templates_app.splits import lifecycle as splits
from templates_app.versions.guards import Approval, Proposed, answers_when_held, approvals_of
from templates_app.versions.lifecycle import locked, touch
from templates_app.versions.made import label_moved
from templates_app.versions.protection import approvers, refuse_protected
from templates_app.versions.telling import tell

REMEMBERED: Final = 500
"""Moves that a rollback looks back over."""


@answers_when_held
@transaction.atomic
def move(*, user: User, template_id: UUID, label: str, number: int) -> LabelMove:
    """Points `label` at a version, making the label when it is new."""
    check_label(label)
    template = locked(user, template_id)
    return _move(template, label, version_by_number(template, number), user)


@transaction.atomic
def remove(*, user: User, template_id: UUID, label: str) -> None:
    """Takes the label away; its history stays."""
    check_label(label)
    template = locked(user, template_id)
    _move(template, label, None, user, previous=_present(template, label).version)


@answers_when_held
@transaction.atomic
def roll_back(*, user: User, template_id: UUID, label: str) -> LabelMove:
    """Points `label` where it was before; once more, and it goes one further back."""
    check_label(label)
    template = locked(user, template_id)
    _present(template, label)
    trail = _trail(template, label)
    if len(trail) < 2:
        raise Problem(409, "nothing_to_roll_back", f"{label} has pointed nowhere else before.")
    return _move(template, label, trail[-2], user, is_rollback=True)


@answers_when_held
@transaction.atomic
def promote(split: TemplateSplit, *, by: User) -> LabelMove:
    """Points the label at a split's better candidate, by the right of who began it, and of who approved that."""
    template = locked(by, split.template_id)
    approver = approvers(template).filter(id=split.approved_by_id).first() if split.approved_by_id else None
    approval = Approval(approver, f"{approver} approved a split that promotes what is better.") if approver else None
    return _move(template, split.label, split.candidate, by, approval=approval)


def carry_out(
    template: PromptTemplate, label: str, version: TemplateVersion | None, *, asked_by: User, approval: Approval
) -> LabelMove:
    """What was asked of a protected label of a locked template, and approved; without `version` it is taken away."""
    if version is None:
        _present(template, label)
    return _move(template, label, version, asked_by, approval=approval)


def present_version(template: PromptTemplate, label: str) -> TemplateVersion | None:
    """The version that the label points at."""
    found = template.labels.select_related("version").filter(name=label).first()
    return found.version if found else None


def has_been_elsewhere(template: PromptTemplate, label: str) -> bool:
    """Whether there is a version that the label can be rolled back to."""
    return len(_trail(template, label)) > 1


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
    approval: Approval | None = None,
) -> LabelMove:
    if approval is None:
        refuse_protected(template, label)
    now = timezone.now()
    before = previous or present_version(template, label)
    approvals = [approval] if approval else []
    if version not in (None, before):
        approvals += approvals_of(Proposed(template, label, version, user))
    split = template.splits.select_related("candidate").filter(label=label, ended_at=None).first()
    if split is not None and version != before:
        splits.end(template, split, SplitOutcome.LABEL_MOVED, by=user)
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
    tell("label_moved", template, by=user.id, version=version.number if version else None, label=label)
    return made


def moves_of(template: PromptTemplate, label: str) -> QuerySet[LabelMove]:
    """Every move of the label, newest first."""
    check_label(label)
    moves = LabelMove.objects.filter(template=template, name=label).order_by("-id")
    return moves.select_related("version", "previous", "moved_by", "approved_by")


def labels_of(template: PromptTemplate) -> dict[str, int]:
    """Every label with the number of its version."""
    return {label.name: label.version.number for label in template.labels.all()}
