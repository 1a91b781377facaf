"""The library's filters, facets and orders, for API and pages alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Count, F

from accounts.models import User
from foundation.search.ordering import by_name, name_order
from templates_app.library import search
from templates_app.lookup import seen_by
from templates_app.models import PromptTemplate, TemplateLabel

ORDERS: Final = {
    "-rating": (F("rating").desc(), F("ratings_count").desc()),
    "-usage_count": (F("usage_count").desc(),),
    "-updated_at": (F("updated_at").desc(),),
    "name": by_name(key="name_order"),
    "-relevance": (F("relevance").desc(), F("updated_at").desc()),
}
"""Every order that may be asked for; ties are broken by id."""
NOTHING: Final[Mapping[str, Any]] = {}


def library(user: User, wanted: Mapping[str, Any]) -> Any:
    """The templates that `user` sees and `wanted` asks for (the query of GET /api/templates), in its order."""
    text = wanted.get("search")
    order = wanted.get("ordering") or ("-relevance" if text else "-updated_at")
    if order == "-relevance" and not text:
        order = "-updated_at"
    return narrowed(user, wanted).order_by(*ORDERS[order], "id").prefetch_related("labels__version")


def narrowed(user: User, wanted: Mapping[str, Any]) -> Any:
    """The same without an order."""
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
    return templates


def _owner(owner: str, user: User) -> UUID:
    return user.id if owner == "me" else UUID(owner)


def categories(user: User, wanted: Mapping[str, Any] = NOTHING) -> list[dict[str, Any]]:
    """Each category of the templates that `wanted` asks for, whatever category it names; in alphabetical order."""
    counted = _beside(user, wanted, "category").values("category").annotate(count=Count("id"))
    rows = [{"name": row["category"], "count": row["count"]} for row in counted.order_by()]
    return sorted(rows, key=lambda row: name_order(row["name"]))


def tags(user: User, wanted: Mapping[str, Any] = NOTHING) -> list[dict[str, Any]]:
    """Each tag of the templates that `wanted` asks for, whatever tag it names; most used first."""
    sql, parameters = _beside(user, wanted, "tag").values("id").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tag, count(*) FROM prompt_templates, unnest(tags) AS tag"  # noqa: S608 - the ORM's own SQL
            f" WHERE id IN ({sql}) GROUP BY tag ORDER BY count(*) DESC, tag LIMIT 500",
            parameters,
        )
        return [{"name": name, "count": count} for name, count in cursor.fetchall()]


def labels(user: User, wanted: Mapping[str, Any] = NOTHING) -> list[dict[str, Any]]:
    """Each label of the templates that `wanted` asks for, whatever label it names; in alphabetical order."""
    found = _beside(user, wanted, "label").values("id")
    counted = TemplateLabel.objects.filter(template__in=found).order_by().values("name").annotate(count=Count("id"))
    return sorted(map(dict, counted), key=lambda row: name_order(row["name"]))


def _beside(user: User, wanted: Mapping[str, Any], facet: str) -> Any:
    """What there is to choose from in one facet: what every other filter leaves."""
    ids = narrowed(user, {**wanted, facet: ""}).order_by().values("id")
    return PromptTemplate.objects.filter(id__in=ids)
