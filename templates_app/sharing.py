"""Whom a template is shared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.sharing import members_json, replace_members, resolve_members
from foundation.problems import FieldError, invalid
from templates_app.models import PromptTemplate, Visibility
from templates_app.versions.lifecycle import lock, refuse_withdrawn, touch
from templates_app.versions.telling import members_of, tell_shared


@transaction.atomic
def share(*, user: User, template_id: UUID, visibility: str, members: Sequence[Mapping[str, Any]]) -> PromptTemplate:
    """Sets who sees the template, and as what; for its owner, and for curators of public ones."""
    template = lock(template_id, PromptTemplate.objects.governed_by(user), user=user)
    resolved = resolve_members(members, by=user, owner_id=template.owner_id)
    if visibility == Visibility.PRIVATE and resolved:
        message = "A private template has no members: make it shared."
        raise invalid([FieldError("visibility", "contradiction", message)])
    refuse_withdrawn(template, user, visibility=visibility)
    before = members_of(template)
    replace_members(template.members, resolved)
    if template.owner_id != user.id:
        # A curator who takes it out of the library may still bring it back.
        template.is_withdrawn = visibility != Visibility.PUBLIC
    template.visibility = visibility
    touch(template, "visibility", "is_withdrawn")
    tell_shared(template, by=user.id, people=members_of(template) - before)
    return template


def share_json(template: PromptTemplate) -> dict[str, Any]:
    """The share as the API tells it."""
    rows = template.members.select_related("user", "team").order_by("id")
    return {"visibility": template.visibility, "members": members_json(rows)}
