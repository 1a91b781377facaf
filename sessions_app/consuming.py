"""What other services tell of projects: each has a session for its creator, which follows its name and its end."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.bearer.consuming import person_of
from accounts.models import User
from events.intake.consumers import consumes
from events.intake.incoming import Incoming
from quotas.ledger.telling import projects_owned_by
from sessions_app import lifecycle
from sessions_app.models import PlaygroundSession

NAME: Final = "project_name"
"""Where the metadata of a session that was made for a project keep its name: until somebody calls it otherwise."""

FIRST: Final = 50
"""Sessions of a project that are looked at for its owner."""


def register() -> None:
    """To be called when the app is ready."""
    consumes("project.created", _created)
    consumes("project.updated", _updated)
    consumes("project.deleted", _deleted)
    projects_owned_by(owners)


def owners(project_id: str) -> list[UUID]:
    """For whom the project was made, as far as the service was told: the owner of the session that came with it."""
    rows = PlaygroundSession.objects.alive().filter(project_id=project_id, user__is_active=True)
    # It is among the first of its project's, and what marks it is sealed.
    return [each.user_id for each in rows.order_by("created_at", "id")[:FIRST] if each.metadata.get(NAME)]


@transaction.atomic
def _created(event: Incoming) -> None:
    """One session for the project and its creator, once: also where they have deleted it since."""
    project, creator = event.needed("project_id"), person_of(event.needed("created_by"))
    User.objects.select_for_update(no_key=True).get(id=creator.id)
    if PlaygroundSession.objects.filter(user=creator, project_id=project).exists():
        return
    name = event.text(NAME) or project
    lifecycle.create(owner=creator, given={"name": name, "project_id": project, "metadata": {NAME: name}})


@transaction.atomic
def _updated(event: Incoming) -> None:
    """Those that were made for it and bear its name get the new one."""
    name = event.text(NAME)
    if not name:
        return
    rows = PlaygroundSession.objects.select_for_update(no_key=True).alive()
    for session in rows.filter(project_id=event.needed("project_id")).order_by("id"):
        if session.metadata.get(NAME) == session.name != name:
            lifecycle.rename_for_project(session, name, kept_as=NAME)


@transaction.atomic
def _deleted(event: Incoming) -> None:
    """Its sessions are archived: nobody loses what was run in them."""
    rows = PlaygroundSession.objects.select_for_update(no_key=True).alive().filter(archived_at=None)
    for session in rows.filter(project_id=event.needed("project_id")).order_by("id"):
        lifecycle.archive(session, at=timezone.now())
