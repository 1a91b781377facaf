"""The life of a split: begun, its share changed, ended; each under the template's lock.

A candidate gets real calls, as if the label pointed at it: what would refuse the move refuses the split.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from foundation.problems import FieldError, Problem, invalid, not_found
from templates_app.errors import version_missing
from templates_app.lookup import check_label, version_by_number
from templates_app.models import Measure, PromptTemplate, SplitOutcome, TemplateLabel, TemplateSplit
from templates_app.versions.guards import Proposed, answers_when_held, approvals_of
from templates_app.versions.lifecycle import locked, touch
from templates_app.versions.protection import refuse_protected
from templates_app.versions.telling import tell


@answers_when_held
@transaction.atomic
def begin(
    *,
    user: User,
    template_id: UUID,
    label: str,
    number: int,
    share: int,
    measure: Measure = Measure.SUCCESS,
    promotes: bool = False,
) -> TemplateSplit:
    """From now on `share` percent of the label's calls get that version.

    409 where one runs (`split_running`), and where a move of the label to it would be refused.
    """
    check_label(label)
    template = locked(user, template_id)
    held = _label(template, label)
    if held.split_id is not None:
        raise Problem(409, "split_running", f"The calls of {label} are split already: stop that first.")
    candidate = version_by_number(template, number)
    if candidate.id == held.version_id:
        message = f"{label} points at version {number}: name the one that it is compared with."
        raise invalid([FieldError("version", "same_version", message)])
    refuse_protected(template, label)
    approvals_of(Proposed(template, label, candidate, user))
    split = TemplateSplit.objects.create(
        template=template,
        label=label,
        control_id=held.version_id,
        candidate=candidate,
        share=share,
        measure=measure,
        promotes=promotes,
        started_by=user,
    )
    held.split = split
    held.save(update_fields=["split"])
    touch(template, at=split.started_at)
    tell("split_started", template, by=user.id, version=candidate.number, label=label, share=share)
    return split


@transaction.atomic
def change_share(*, user: User, template_id: UUID, label: str, share: int) -> TemplateSplit:
    """Gives the candidate more of the calls or fewer."""
    split = running(locked(user, template_id), label)
    split.share = share
    split.save(update_fields=["share"])
    return split


@transaction.atomic
def stop(*, user: User, template_id: UUID, label: str) -> TemplateSplit:
    """All calls get what the label points at again."""
    template = locked(user, template_id)
    split = running(template, label)
    end(template, split, SplitOutcome.STOPPED, by=user)
    return split


@transaction.atomic
def end_by_itself(split: TemplateSplit, outcome: SplitOutcome) -> bool:
    """Ends what was shown to be worse or better; False where somebody was before."""
    template = PromptTemplate.objects.select_for_update(no_key=True).get(id=split.template_id)
    found = template.splits.select_related("candidate").filter(id=split.id, ended_at=None).first()
    if found is None:
        return False
    end(template, found, outcome, by=None)
    return True


def end(template: PromptTemplate, split: TemplateSplit, outcome: SplitOutcome, *, by: User | None) -> None:
    """Ends the running split of a locked template, in the caller's transaction."""
    split.ended_at, split.outcome, split.ended_by = timezone.now(), outcome, by
    split.save(update_fields=["ended_at", "outcome", "ended_by"])
    TemplateLabel.objects.filter(split=split).update(split=None)
    touch(template, at=split.ended_at)
    number, told_by = split.candidate.number, by.id if by else None
    tell("split_ended", template, by=told_by, version=number, label=split.label, outcome=str(outcome))


def running(template: PromptTemplate, label: str) -> TemplateSplit:
    """The one that runs; a 404 problem where none does."""
    found = template.splits.select_related("control", "candidate", "started_by").filter(label=label, ended_at=None)
    split = found.first()
    if split is None:
        raise not_found("A running split of the label")
    return split


def _label(template: PromptTemplate, label: str) -> TemplateLabel:
    found = template.labels.filter(name=label).first()
    if found is None:
        raise version_missing(f"label {label!r}")
    return found
