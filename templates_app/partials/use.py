"""What a version is made of, and what uses a template; told to eyes that may see the version."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import User
from foundation.problems import Problem
from foundation.search.ordering import by_name
from templates_app.models import PromptTemplate, TemplatePartial, TemplateVersion
from templates_app.partials.expanding import expanded


def partials_json(version: TemplateVersion, user: User) -> list[dict[str, Any]]:
    """The version's references, each with the version that it meant when the version was made and means now.

    `is_changed`: other text is inserted now, also where only a partial's own partial changed; null when nothing can be
    inserted any more, which `problem` explains. The id of a template that `user` may not see is not told.
    """
    rows = list(version.partials.select_related("then", "partial").order_by("id"))
    if not rows:
        return []
    problem, direct = "", {}
    try:
        direct = dict(expanded(version).direct)
    except Problem as refused:
        problem = refused.detail
    ids = {row.partial_id for row in rows if row.partial_id}
    seen = set(PromptTemplate.objects.visible_to(user).filter(id__in=ids).values_list("id", flat=True))
    return [_partial_json(row, direct.get(row.reference), problem, seen) for row in rows]


def _partial_json(row: TemplatePartial, taken: Any, problem: str, seen: set[UUID]) -> dict[str, Any]:
    return {
        "reference": row.reference,
        "template_id": row.partial_id if row.partial_id in seen else None,
        "version_then": row.then.number if row.then else None,
        "version_now": taken.version.number if taken else None,
        "is_changed": taken.text_hash != row.text_hash if taken else None,
        "problem": problem,
    }


def users_of(template: PromptTemplate, user: User) -> QuerySet[TemplatePartial]:
    """References to the template in versions that are present or have a label, of templates that `user` may see."""
    seen = PromptTemplate.objects.visible_to(user).values("id")
    used = TemplatePartial.objects.filter(partial=template, version__template__in=seen)
    used = used.filter(Q(version__current_of__isnull=False) | Q(version__labels__isnull=False)).distinct()
    return used.select_related("version__template").order_by(
        *by_name("version__template__name"), "-version__number", "id"
    )


def user_json(row: TemplatePartial) -> dict[str, Any]:
    """One line of GET /api/templates/{id}/used-by."""
    template = row.version.template
    return {
        "id": template.id,
        "name": template.name,
        "slug": template.slug,
        "version": row.version.number,
        "is_current": template.current_id == row.version_id,
        "reference": row.reference,
    }
