"""What somebody is to a template that they see; told by the query that found it, without further ones."""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField, Exists, F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts.models import Role, User
from accounts.sharing import reached
from templates_app.models import (
    PromptTemplate,
    TemplateFavourite,
    TemplateMember,
    TemplateQuerySet,
    TemplateVersion,
    Visibility,
)


def seen_by(user: User) -> Any:
    """Templates visible to `user`, each with `usage_count`, `is_favourite` and `is_edited` (an editor's share)."""
    edited = reached(TemplateMember, user, thing="template_id", editing=True).filter(template=OuterRef("pk"))
    favourites = TemplateFavourite.objects.filter(template=OuterRef("pk"), user=user)
    found: TemplateQuerySet = PromptTemplate.objects.visible_to(user)
    told = {"is_favourite": Exists(favourites), "is_edited": Exists(edited), "usage_count": usage_count()}
    return found.annotate(**told).select_related("current", "owner", "forked_from")


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
