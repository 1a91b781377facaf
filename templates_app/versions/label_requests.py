"""What is asked of protected labels: asked, approved, refused, withdrawn; every change of `status` stands here.

Approving is another person's than who asks, and moves the label in the same transaction: what gates say is asked
then, and where they refuse or hold it, the request stays open.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import ApiToken, User
from foundation.problems import FieldError, Problem, invalid, not_found
from templates_app import errors
from templates_app.lookup import check_label, version_by_number
from templates_app.models import (
    LabelProtection,
    LabelRequest,
    PromptTemplate,
    RequestedAct,
    RequestStatus,
    TemplateQuerySet,
    TemplateVersion,
)
from templates_app.splits import lifecycle as splits
from templates_app.splits.terms import Terms, scorers_of
from templates_app.versions import labels
from templates_app.versions.guards import Approval, answers_when_held
from templates_app.versions.lifecycle import lock, locked
from templates_app.versions.protection import approvers, open_request, protection_of
from templates_app.versions.telling import tell_request

NAME_A_VERSION: Final = (RequestedAct.MOVE, RequestedAct.SPLIT)
MOST_TOLD: Final = 200
"""People who could approve that are told."""


def requests_of(template: PromptTemplate, label: str) -> QuerySet[LabelRequest]:
    """Everything that was asked of the label, newest first."""
    check_label(label)
    rows = LabelRequest.objects.filter(template=template, name=label).order_by("-asked_at", "-id")
    return rows.select_related("version", "asked_by", "decided_by")


def request_by_id(template: PromptTemplate, label: str, request_id: UUID) -> LabelRequest:
    """That request; a 404 problem when there is none."""
    found = requests_of(template, label).filter(id=request_id).first()
    if found is None:
        raise not_found("The request")
    return found


@transaction.atomic
def ask(
    *,
    user: User,
    template_id: UUID,
    label: str,
    act: RequestedAct,
    number: int | None,
    reason: str,
    terms: Terms | None = None,
) -> LabelRequest:
    """Asks for a move to version `number`, for a share of the calls to it by `terms`, for the label's removal, or for
    an end of its protection.
    """
    check_label(label)
    template = lock(template_id, _may(user, act), user=user)
    version = _version(template, label, act, number)
    _check_terms(template, label, act, version, terms, user)
    if protection_of(template, label) is None:
        raise errors.label_free(label)
    if (before := open_request(template, label)) is not None:
        raise errors.request_open(label, before.id)
    asked = LabelRequest(template=template, name=label, act=act, version=version, asked_by=user, reason=reason)
    asked.terms = terms.as_json if terms else None
    asked.save(force_insert=True)
    tell_request(asked, by=user.id, people=approvers(template).values_list("id", flat=True)[:MOST_TOLD])
    return asked


def _may(user: User, act: str) -> TemplateQuerySet:
    """The templates of which `user` may ask this, and could do it themselves were the label free."""
    templates = PromptTemplate.objects
    return templates.governed_by(user) if act == RequestedAct.UNPROTECT else templates.editable_by(user)


def _version(template: PromptTemplate, label: str, act: RequestedAct, number: int | None) -> TemplateVersion | None:
    if (number is not None) != (act in NAME_A_VERSION):
        message = "Which version?" if number is None else "Only a move or a split names a version."
        raise invalid([FieldError("version", "required" if number is None else "contradiction", message)])
    present = labels.present_version(template, label)
    if act == RequestedAct.REMOVE and present is None:
        raise errors.version_missing(f"label {label!r}")
    if number is None:
        return None
    version = version_by_number(template, number)
    if version == present and act == RequestedAct.MOVE:
        raise Problem(409, "nothing_to_move", f"“{label}” points at version {number} already.")
    return version


def _check_terms(
    template: PromptTemplate,
    label: str,
    act: RequestedAct,
    version: TemplateVersion | None,
    terms: Terms | None,
    user: User,
) -> None:
    if (terms is not None) != (act == RequestedAct.SPLIT):
        message = "What share of the calls?" if terms is None else "Only a split has a share of the calls."
        raise invalid([FieldError("split", "required" if terms is None else "contradiction", message)])
    if terms is not None and version is not None:
        splits.check(template, label, version)
        scorers_of(user, terms)


@answers_when_held
@transaction.atomic
def approve(*, user: User, template_id: UUID, label: str, request_id: UUID, reason: str) -> LabelRequest:
    """Does what was asked, by the word of a second person; raises as a move does when a gate refuses or holds it."""
    template = locked(user, template_id)
    asked = _still_open(template, label, request_id)
    _check_two_persons(asked, user)
    _decide(asked, RequestStatus.APPROVED, user, reason)
    if asked.act == RequestedAct.UNPROTECT:
        LabelProtection.objects.filter(template=template, name=label).delete()
        return asked
    assert asked.asked_by is not None  # noqa: S101 - for the type checker
    if asked.act == RequestedAct.SPLIT and asked.version is not None:
        terms = Terms.of(asked.terms)
        splits.carry_out(template, label, asked.version, terms, asked_by=asked.asked_by, approved_by=user)
        return asked
    note = f"{asked.asked_by} asked: {asked.reason}\n{user} approved: {reason}"
    labels.carry_out(template, label, asked.version, asked_by=asked.asked_by, approval=Approval(user, note))
    return asked


@transaction.atomic
def refuse(*, user: User, template_id: UUID, label: str, request_id: UUID, reason: str) -> LabelRequest:
    """Ends what was asked: the label stays where it is. For those who could approve it."""
    asked = _still_open(locked(user, template_id), label, request_id)
    if asked.asked_by_id == user.id:
        raise errors.second_person("You asked for it: withdraw it, or let somebody else decide.")
    _check_person(user, asked)
    _decide(asked, RequestStatus.REFUSED, user, reason)
    return asked


@transaction.atomic
def withdraw(*, user: User, template_id: UUID, label: str, request_id: UUID, reason: str = "") -> LabelRequest:
    """Who asked does not want it any more."""
    asked = _still_open(locked(user, template_id), label, request_id)
    if asked.asked_by_id != user.id:
        raise errors.forbidden("Somebody else asked for it: refuse it instead.")
    _decide(asked, RequestStatus.WITHDRAWN, user, reason)
    return asked


def _still_open(template: PromptTemplate, label: str, request_id: UUID) -> LabelRequest:
    asked = request_by_id(template, label, request_id)
    if asked.status != RequestStatus.OPEN:
        raise errors.request_decided(asked.status)
    return asked


def _check_two_persons(asked: LabelRequest, user: User) -> None:
    """A Problem unless who asked and who approves are two, and both could do it now were the label free."""
    if asked.asked_by_id == user.id:
        raise errors.second_person("You asked for it: somebody else has to approve it.")
    _check_person(user, asked)
    asker = asked.asked_by
    if asker is None or not asker.is_active or not _may(asker, asked.act).filter(id=asked.template_id).exists():
        raise errors.asker_may_not(str(asker) if asker else "Who asked")
    # What a program asks, the person asks who holds its token.
    if asker.is_service and ApiToken.objects.filter(user=asker, made_by=user).exists():
        raise errors.second_person(f"You made a token of {asker}: somebody else has to approve what it asks.")


def _check_person(user: User, asked: LabelRequest) -> None:
    """A Problem for a program, and for who was switched off or demoted since they were let in."""
    now = User.objects.filter(id=user.id, is_active=True, is_service=False).first()
    if now is None or not PromptTemplate.objects.editable_by(now).filter(id=asked.template_id).exists():
        raise errors.second_person("Only people who may move the label decide what is asked of it.")


def _decide(asked: LabelRequest, status: RequestStatus, user: User, reason: str) -> None:
    now = timezone.now()
    rows = LabelRequest.objects.filter(id=asked.id, status=RequestStatus.OPEN)
    if not rows.update(status=status, decided_by=user, decided_at=now):
        raise errors.request_decided(LabelRequest.objects.values_list("status", flat=True).get(id=asked.id))
    asked.status, asked.decided_by, asked.decided_at = status, user, now
    asked.decision = reason
    asked.save(update_fields=["decision"])
    tell_request(asked, by=user.id, people=[asked.asked_by_id])
