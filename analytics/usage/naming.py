"""What the groups of an answer are called, as far as whoever asks may know it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final
from uuid import UUID

from accounts.models import ApiToken, Role, Team, User
from sessions_app.models import PlaygroundSession
from templates_app.models import PromptTemplate, TemplateVersion


def names_of(group: str, keys: Collection[Any], *, viewer: User) -> Mapping[Any, str]:
    """Names of people, teams, sessions, templates, versions and tokens by their ids; none of what is hidden or gone."""
    ids = {key for key in keys if isinstance(key, UUID)}
    return _NAMES[group](viewer, ids) if ids and group in _NAMES else {}


def _people(viewer: User, ids: set[UUID]) -> Mapping[Any, str]:
    # Whose usage is in the answer was decided before.
    return {user.id: user.name or user.username for user in User.objects.filter(id__in=ids)}


def _teams(viewer: User, ids: set[UUID]) -> Mapping[Any, str]:
    return dict(Team.objects.filter(id__in=ids).values_list("id", "name"))


def _sessions(viewer: User, ids: set[UUID]) -> Mapping[Any, str]:
    seen = PlaygroundSession.objects.visible_to(viewer).filter(id__in=ids)
    return {
        key: f"{name} (runs of a test)" if is_hidden else name
        for key, name, is_hidden in seen.values_list("id", "name", "is_hidden")
    }


def _templates(viewer: User, ids: set[UUID]) -> Mapping[Any, str]:
    return dict(PromptTemplate.objects.visible_to(viewer).filter(id__in=ids).values_list("id", "name"))


def _versions(viewer: User, ids: set[UUID]) -> Mapping[Any, str]:
    seen = TemplateVersion.objects.filter(id__in=ids, template__in=PromptTemplate.objects.visible_to(viewer))
    return {
        key: f"{name}, version {number}" for key, name, number in seen.values_list("id", "template__name", "number")
    }


def _tokens(viewer: User, ids: set[UUID]) -> Mapping[Any, str]:
    tokens = ApiToken.objects.filter(id__in=ids)
    seen = tokens if viewer.has_role(Role.ADMIN) else tokens.filter(user=viewer)
    return dict(seen.values_list("id", "name"))


LINKS: Final = {"template": "template", "session": "session"}
"""Pages of what a group is, by the names of their addresses."""
_NAMES: Final[dict[str, Callable[[User, set[UUID]], Mapping[Any, str]]]] = {
    "user": _people,
    "team": _teams,
    "session": _sessions,
    "template": _templates,
    "version": _versions,
    "token": _tokens,
}
