"""The library's filters and orders, for API and pages alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Exists, F, OuterRef

from accounts.models import User
from foundation.search.ordering import by_name
from templates_app.library import search
from templates_app.library.figures import cost_per_run, least_success
from templates_app.lookup import seen_by, usage_count
from templates_app.models import PromptTemplate, TemplateFavourite

ORDERS: Final = {
    "-rating": (F("rating").desc(), F("ratings_count").desc()),
    "-usage_count": (F("usage_count").desc(),),
    "-success_rate": (F("least_success").desc(nulls_last=True),),
    "average_cost": (F("cost_per_run").asc(nulls_last=True),),
    "-average_cost": (F("cost_per_run").desc(nulls_last=True),),
    "-updated_at": (F("updated_at").desc(),),
    "name": by_name(key="name_order"),
    "-relevance": (F("relevance").desc(), F("updated_at").desc()),
}
"""Every order that may be asked for; ties are broken by id. By success rate the one comes first of which most is sure:
the order is that of the lower end of its interval, so that one run that went well is not before a hundred.
"""
FIGURES: Final = {"usage_count": usage_count, "least_success": least_success, "cost_per_run": cost_per_run}
MEASURED: Final = {
    "-usage_count": "usage_count",
    "-success_rate": "least_success",
    "average_cost": "cost_per_run",
    "-average_cost": "cost_per_run",
}
"""The figure that an order needs."""


@dataclass(frozen=True)
class Matches:
    """The templates that `user` sees and `wanted` asks for (the query of GET /api/templates), in its order.

    A slice orders ids alone, and reads the rows that it gives: rows are wide, and joined to others.
    """

    user: User
    wanted: Mapping[str, Any]
    is_featured_first: bool = False

    def count(self) -> int:
        """How many there are."""
        counted: int = narrowed(self.user, self.wanted).count()
        return counted

    def __getitem__(self, part: slice) -> list[Any]:
        ids = list(self._ordered.values_list("id", flat=True)[part])
        found = seen_by(self.user).filter(id__in=ids).defer("search").prefetch_related("labels__version")
        rows = {row.id: row for row in found}
        return [rows[each] for each in ids if each in rows]

    @property
    def _ordered(self) -> Any:
        text = self.wanted.get("search")
        order = self.wanted.get("ordering") or ("-relevance" if text else "-updated_at")
        if order == "-relevance" and not text:
            order = "-updated_at"
        templates = narrowed(self.user, self.wanted)
        if name := MEASURED.get(order):
            templates = templates.annotate(**{name: FIGURES[name]()})
        first = ("-is_featured",) if self.is_featured_first else ()
        return templates.order_by(*first, *ORDERS[order], "id")


def narrowed(user: User, wanted: Mapping[str, Any]) -> Any:
    """The same without an order, and with nothing beside their own columns but a search's `relevance`."""
    templates: Any = PromptTemplate.objects.visible_to(user)
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
    if (wanted_favourite := wanted.get("favourite")) is not None:
        is_favourite = Exists(TemplateFavourite.objects.filter(template=OuterRef("pk"), user=user))
        templates = templates.filter(is_favourite if wanted_favourite else ~is_favourite)
    return templates


def _owner(owner: str, user: User) -> UUID:
    return user.id if owner == "me" else UUID(owner)
