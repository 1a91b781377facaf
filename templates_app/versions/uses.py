"""Where a template is used: asked here, answered by who uses templates (`register`) and by templates themselves.

Nothing here knows sessions or tests. Each source tells only what the reader may see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.urls import reverse

from accounts.models import User
from templates_app.models import PromptTemplate
from templates_app.partials.use import users_of

SHOWN: Final = 10
"""Of each kind."""


@dataclass(frozen=True, slots=True)
class Use:
    """One place: its name, the address of its page, and what of the template it uses, in a few words."""

    name: str
    address: str
    about: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Uses:
    """The places of one kind, the newest first, at most SHOWN; `has_more` where there are others."""

    title: str
    places: list[Use]
    has_more: bool = False


Source = Callable[[User, PromptTemplate], Iterable[Uses]]

_SOURCES: Final[list[Source]] = []


def register(source: Source) -> None:
    """Makes a source known; to be called when an app is ready."""
    _SOURCES.append(source)


def uses_of(template: PromptTemplate, user: User) -> list[Uses]:
    """By kind; a kind without any place is left out."""
    found = [*_own(user, template), *(uses for source in _SOURCES for uses in source(user, template))]
    return [uses for uses in found if uses.places]


def uses(title: str, places: Iterable[Use]) -> Uses:
    """Of at most one place more than are shown."""
    listed = list(places)
    return Uses(title, listed[:SHOWN], len(listed) > SHOWN)


def _own(user: User, template: PromptTemplate) -> Iterator[Uses]:
    address = reverse("template", args=[template.id])
    yield uses(
        "Labels",
        (
            Use(label.name, f"{address}?label={label.name}", f"points at version {label.version.number}")
            for label in template.labels.select_related("version").order_by("name")[: SHOWN + 1]
        ),
    )
    forks = PromptTemplate.objects.visible_to(user).filter(forked_from__template=template)
    yield uses(
        "Forks",
        (
            Use(
                fork.name, reverse("template", args=[fork.id]), f"of version {fork.forked_from.number}", fork.created_at
            )
            for fork in forks.select_related("forked_from").order_by("-created_at", "id")[: SHOWN + 1]
            if fork.forked_from
        ),
    )
    yield uses(
        "Templates that insert it",
        (
            Use(
                row.version.template.name,
                f"{reverse('template', args=[row.version.template_id])}?version={row.version.number}",
                f"as {row.reference}, in version {row.version.number}",
            )
            for row in users_of(template, user)[: SHOWN + 1]
        ),
    )
