"""Protected labels: what moves only by the word of a second person, and who could be that person.

Protecting is up to who governs the template. Taking protection away is asked for like a move (`label_requests`): who
could lift it alone would lift it, move the label, and put it back.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import Role, User
from accounts.sharing import MemberRole
from templates_app.errors import label_protected
from templates_app.lookup import check_label
from templates_app.models import LabelProtection, LabelRequest, PromptTemplate, RequestStatus, Visibility
from templates_app.versions.lifecycle import lock

MOST_NAMED: Final = 50
"""People who could approve that are named."""


@transaction.atomic
def protect(*, user: User, template_id: UUID, label: str) -> LabelProtection:
    """From now on the label moves by the word of a second person only; harmless when it is protected already."""
    check_label(label)
    template = lock(template_id, PromptTemplate.objects.governed_by(user), user=user)
    made, _ = LabelProtection.objects.get_or_create(template=template, name=label, defaults={"protected_by": user})
    return made


def protection_of(template: PromptTemplate, label: str) -> LabelProtection | None:
    """Who protected the label, and when; None of one that is free."""
    return template.protections.select_related("protected_by").filter(name=label).first()


def open_request(template: PromptTemplate, label: str) -> LabelRequest | None:
    """What is asked of the label, and nobody has answered yet."""
    rows = template.label_requests.filter(name=label, status=RequestStatus.OPEN)
    return rows.select_related("version", "asked_by", "decided_by").first()


def refuse_protected(template: PromptTemplate, label: str) -> None:
    """A 409 problem for who would move a protected label alone; the template is locked."""
    protection = protection_of(template, label)
    if protection is None:
        return
    asked = open_request(template, label)
    raise label_protected(
        template_id=template.id,
        label=label,
        protected_by=protection.protected_by,
        asked=asked,
        approvers=named(first_approvers(template), but=asked.asked_by_id if asked else None),
    )


def protections_of(template: PromptTemplate) -> list[tuple[LabelProtection, LabelRequest | None]]:
    """Every protected label, with what is asked of it."""
    asked = template.label_requests.filter(status=RequestStatus.OPEN)
    by_name = {each.name: each for each in asked.select_related("version", "asked_by", "decided_by")}
    rows = template.protections.select_related("protected_by").order_by("name")
    return [(each, by_name.get(each.name)) for each in rows]


def approvers(template: PromptTemplate) -> QuerySet[User]:
    """People who could move the label themselves (as `editable_by` has it): each but who asks may approve.

    A service account approves nothing: it has nobody's eyes.
    """
    rule = Q(id=template.owner_id)
    if template.visibility in (Visibility.SHARED, Visibility.PUBLIC):
        editors = template.members.filter(role=MemberRole.EDITOR)
        rule |= Q(id__in=editors.filter(user__isnull=False).values("user"))
        teams = editors.filter(team__isnull=False).values("team")
        rule |= Q(id__in=User.objects.filter(teams__in=teams).values("id"))
    if template.visibility == Visibility.PUBLIC or template.is_withdrawn:
        rule |= Q(roles__overlap=[Role.CURATOR, Role.ADMIN]) | Q(is_superuser=True)
    return User.objects.filter(rule, is_active=True, is_service=False).order_by("name", "username")


def first_approvers(template: PromptTemplate) -> list[User]:
    """The first of them, one more than are named: whoever asks is left out."""
    return list(approvers(template)[: MOST_NAMED + 1])


def named(people: Iterable[User], *, but: UUID | None) -> list[dict[str, Any]]:
    """They by id and name, without who asks."""
    return [{"id": each.id, "name": str(each)} for each in people if each.id != but][:MOST_NAMED]
