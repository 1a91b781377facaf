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
from templates_app.models import PromptTemplate, SplitOutcome, TemplateLabel, TemplateSplit, TemplateVersion
from templates_app.splits.terms import Terms, scorers_of
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
    terms: Terms,
) -> TemplateSplit:
    """From now on a share of the label's calls get that version.

    409 where one runs (`split_running`), and where a move of the label to it would be refused.
    """
    check_label(label)
    template = locked(user, template_id)
    candidate = version_by_number(template, number)
    check(template, label, candidate)
    refuse_protected(template, label)
    return _begin(template, label, candidate, terms, user)


def carry_out(
    template: PromptTemplate,
    label: str,
    candidate: TemplateVersion,
    terms: Terms,
    *,
    asked_by: User,
    approved_by: User,
) -> TemplateSplit:
    """What was asked of a protected label of a locked template, and approved."""
    check(template, label, candidate)
    return _begin(template, label, candidate, terms, asked_by, approved_by=approved_by)


def check(template: PromptTemplate, label: str, candidate: TemplateVersion) -> None:
    """A Problem where the label's calls cannot be split between what it points at and `candidate`."""
    held = _label(template, label)
    if held.split_id is not None:
        raise Problem(409, "split_running", f"The calls of {label} are split already: stop that first.")
    if candidate.id == held.version_id:
        message = f"{label} points at version {candidate.number}: name the one that it is compared with."
        raise invalid([FieldError("version", "same_version", message)])


@transaction.atomic
def change_share(*, user: User, template_id: UUID, label: str, share: int) -> TemplateSplit:
    """Gives the candidate more of the calls or fewer; more of a protected label's take a second person."""
    template = locked(user, template_id)
    split = running(template, label)
    if share > split.share:
        refuse_protected(template, label)
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
    found = template.splits.select_related("control", "candidate", "started_by", "approved_by").filter(
        label=label, ended_at=None
    )
    split = found.first()
    if split is None:
        raise not_found("A running split of the label")
    return split


def _begin(
    template: PromptTemplate,
    label: str,
    candidate: TemplateVersion,
    terms: Terms,
    user: User,
    *,
    approved_by: User | None = None,
) -> TemplateSplit:
    approvals_of(Proposed(template, label, candidate, user))
    held = _label(template, label)
    split = TemplateSplit(
        template=template,
        label=label,
        control_id=held.version_id,
        candidate=candidate,
        share=terms.share,
        measure=terms.measure,
        promotes=terms.promotes,
        scorers=scorers_of(user, terms),
        started_by=user,
        approved_by=approved_by,
    )
    split.save(force_insert=True)
    held.split = split
    held.save(update_fields=["split"])
    touch(template, at=split.started_at)
    tell("split_started", template, by=user.id, version=candidate.number, label=label, share=terms.share)
    return split


def _label(template: PromptTemplate, label: str) -> TemplateLabel:
    found = template.labels.filter(name=label).first()
    if found is None:
        raise version_missing(f"label {label!r}")
    return found
