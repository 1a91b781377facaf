"""Which template and which of its versions somebody means, and what they are to it; told by the query that found it."""

from __future__ import annotations

import re
from typing import Any, Final
from uuid import UUID

from django.db.models import BigIntegerField, Exists, F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts.models import Role, User
from accounts.sharing import reached
from foundation.problems import FieldError, invalid, not_found
from templates_app.errors import version_missing
from templates_app.models import (
    PromptTemplate,
    TemplateFavourite,
    TemplateMember,
    TemplateQuerySet,
    TemplateVersion,
    Visibility,
)

LABEL: Final = re.compile(r"[a-z][a-z0-9_-]{0,49}")
"""What a label may be called."""


def check_label(label: str) -> None:
    """A Problem for what is no label."""
    if not LABEL.fullmatch(label):
        message = "A label begins with a lower-case letter and goes on with letters, digits, - or _, up to 50."
        raise invalid([FieldError("label", "invalid", message)])


def seen_by(user: User) -> Any:
    """Templates visible to `user`, each with `usage_count`, `is_favourite` and `is_edited` (an editor's share)."""
    edited = reached(TemplateMember, user, thing="template_id", editing=True).filter(template=OuterRef("pk"))
    favourites = TemplateFavourite.objects.filter(template=OuterRef("pk"), user=user)
    found: TemplateQuerySet = PromptTemplate.objects.visible_to(user)
    told = {"is_favourite": Exists(favourites), "is_edited": Exists(edited), "usage_count": usage_count()}
    return found.annotate(**told).select_related("current", "owner", "forked_from")


def visible(user: User, template_id: UUID) -> PromptTemplate:
    """The template out of `lookup.seen_by`; a 404 problem for strangers."""
    found: PromptTemplate | None = seen_by(user).filter(id=template_id).first()
    if found is None:
        raise not_found("The template")
    return found


def runnable(user: User, template_id: UUID) -> PromptTemplate:
    """The template with its present version and nothing else, for whoever runs it; a 404 problem for strangers."""
    found = PromptTemplate.objects.visible_to(user).select_related("current").filter(id=template_id).first()
    if found is None:
        raise not_found("The template")
    return found


def version_by_number(template: PromptTemplate, number: int) -> TemplateVersion:
    """That version; a 404 problem when there is none."""
    if number == template.version.number:
        return template.version
    found = template.versions.filter(number=number).first()
    if found is None:
        raise version_missing(f"version {number}")
    return found


def version_by_label(template: PromptTemplate, label: str) -> TemplateVersion:
    """The version that the label points at; a 404 problem when there is no such label."""
    is_one = LABEL.fullmatch(label)
    found = template.versions.filter(labels__name=label, labels__template=template).first() if is_one else None
    if found is None:
        raise version_missing(f"label {label[:60]!r}")
    return found


def chosen(template: PromptTemplate, *, number: int | None, label: str | None) -> TemplateVersion:
    """The version named by number or label, else the present one."""
    if number is not None:
        return version_by_number(template, number)
    return version_by_label(template, label) if label else template.version


def usage_count() -> Any:
    """Ended executions of all versions; kept by version, so that runs and edits never wait for each other."""
    ended = F("completed_count") + F("failed_count") + F("cancelled_count")
    versions = TemplateVersion.objects.filter(template=OuterRef("pk")).order_by().values("template")
    return Coalesce(Subquery(versions.annotate(runs=Sum(ended)).values("runs")), 0, output_field=BigIntegerField())


def role_in(template: Any, user: User) -> str:
    """owner, curator, editor or viewer; of a template out of `seen_by`."""
    if template.owner_id == user.id:
        return "owner"
    if user.has_role(Role.CURATOR) and (template.visibility == Visibility.PUBLIC or template.is_withdrawn):
        return "curator"
    return "editor" if template.is_edited and template.visibility != Visibility.PRIVATE else "viewer"


def may_change(role: str) -> bool:
    """Whether that role may save."""
    return role != "viewer"


def may_govern(role: str) -> bool:
    """Whether that role may share, publish and delete."""
    return role in ("owner", "curator")
