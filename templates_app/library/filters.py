"""The library's filters, facets and orders, for API and pages alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Count, F

from accounts.models import User
from templates_app.library import search
from templates_app.lookup import seen_by
from templates_app.models import PromptTemplate, TemplateLabel

ORDERS: Final = {
    "-rating": (F("rating").desc(), F("ratings_count").desc()),
    "-usage_count": (F("usage_count").desc(),),
    "-updated_at": (F("updated_at").desc(),),
    "name": (F("name").asc(),),
    "-relevance": (F("relevance").desc(), F("updated_at").desc()),
}
"""Every order that may be asked for; ties are broken by id."""


def library(user: User, wanted: Mapping[str, Any]) -> Any:
    """The templates that `user` sees and `wanted` asks for (the query of GET /api/templates), in its order."""
    templates = seen_by(user)
    if text := wanted.get("search"):
        templates = search.found(templates, text)
    for name in ("category", "visibility", "slug"):
        if wanted.get(name):
            templates = templates.filter(**{name: wanted[name]})
    if tag := wanted.get("tag"):
        templates = templates.filter(tags__contains=[tag])
    if owner := wanted.get("owner"):
        templates = templates.filter(owner=_owner(owner, user))
    if label := wanted.get("label"):
        templates = templates.filter(labels__name=label)
    if wanted.get("favourite") is not None:
        templates = templates.filter(is_favourite=wanted["favourite"])
    order = wanted.get("ordering") or ("-relevance" if text else "-updated_at")
    if order == "-relevance" and not text:
        order = "-updated_at"
    return templates.order_by(*ORDERS[order], "id").prefetch_related("labels__version")


def _owner(owner: str, user: User) -> UUID:
    return user.id if owner == "me" else UUID(owner)


def categories(user: User) -> list[dict[str, Any]]:
    """Each category that `user` sees, with the number of its templates, in alphabetical order."""
    counted = PromptTemplate.objects.visible_to(user).values("category").annotate(count=Count("id"))
    return [{"name": row["category"], "count": row["count"]} for row in counted.order_by("category")]


def tags(user: User) -> list[dict[str, Any]]:
    """Each tag that `user` sees, with the number of its templates, most used first."""
    visible = PromptTemplate.objects.visible_to(user).values("id")
    sql, parameters = visible.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tag, count(*) FROM prompt_templates, unnest(tags) AS tag"  # noqa: S608 - the ORM's own SQL
            f" WHERE id IN ({sql}) GROUP BY tag ORDER BY count(*) DESC, tag LIMIT 500",
            parameters,
        )
        return [{"name": name, "count": count} for name, count in cursor.fetchall()]


def labels(user: User) -> list[dict[str, Any]]:
    """Each label of templates that `user` sees, with their number, in alphabetical order."""
    visible = PromptTemplate.objects.visible_to(user).values("id")
    counted = TemplateLabel.objects.filter(template__in=visible).order_by().values("name")
    return [dict(row) for row in counted.annotate(count=Count("id")).order_by("name")]
