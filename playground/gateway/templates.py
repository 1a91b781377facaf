"""Templates as models of ours: whoever lists models finds those that are released, each by the id that runs it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from accounts.models import User
from playground.gateway.targets import TEMPLATE, named_version, template_id_of
from templates_app.lookup import chosen, runnable
from templates_app.models import PromptTemplate, TemplateLabel

RELEASED: Final = ("production", "latest")
"""Labels that say a version is for use by programs; others are asked for by name and not listed."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A template as one of the models."""

    id: str
    name: str
    created_at: datetime


def released_to(user: User) -> list[Listed]:
    """What `user` may run by these labels, in the order of their names; an ordinary blocking call."""
    visible = PromptTemplate.objects.visible_to(user)
    labels = TemplateLabel.objects.filter(name__in=RELEASED, template__in=visible)
    found = list(labels.select_related("template").order_by("template__slug", "template__created_at", "-name"))
    by_slug: dict[str | None, list[tuple[UUID, bool]]] = defaultdict(list)
    rows = visible.filter(slug__in={label.template.slug for label in found}).values_list("slug", "id", "owner_id")
    for slug, id, owner_id in rows:
        by_slug[slug].append((id, owner_id == user.id))
    told = []
    for label in found:
        template = label.template
        name = template.slug if _meant(by_slug[template.slug]) == template.id else str(template.id)
        shown = f"{template.name} ({label.name})"
        told.append(Listed(f"{TEMPLATE}{name}@{label.name}", shown, template.created_at))
    return told


def _meant(those: list[tuple[UUID, bool]]) -> UUID | None:
    """Which of the templates of one slug it names, as `template_id_of` has it; None where it names none alone."""
    ids = [id for id, is_own in those if is_own] or [id for id, _ in those]
    return ids[0] if len(ids) == 1 else None


def one(user: User, model_id: str) -> Listed:
    """The template that `template:…` names; a Problem where there is none, or no such version of it."""
    name, _, version = model_id.removeprefix(TEMPLATE).partition("@")
    template = runnable(user, UUID(template_id_of(user, name, field="model")))
    asked = named_version(version)
    chosen(template, number=asked.get("version"), label=asked.get("label"))
    return Listed(model_id, f"{template.name} ({version})" if version else template.name, template.created_at)
