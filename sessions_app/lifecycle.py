"""The life of a session: made, changed, archived, shared, deleted. Every write but those of counters stands here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.sharing import members_json, people_of, replace_members, resolve_members
from sessions_app.lookup import refusal
from sessions_app.models import PlaygroundSession, SessionQuerySet
from sessions_app.telling import tell, tell_shared


@transaction.atomic
def create(*, owner: User, given: Mapping[str, Any]) -> PlaygroundSession:
    """A new session out of a checked body, or with columns that no door sets (forks, imports)."""
    session = PlaygroundSession.objects.create(user=owner, **_columns(given))
    tell("created", session, by=owner.id)
    return session


def _columns(given: Mapping[str, Any]) -> dict[str, Any]:
    columns = dict(given)
    if "archived" in columns:
        columns["archived_at"] = timezone.now() if columns.pop("archived") else None
    return columns


def locked(user: User, session_id: UUID, allowed: SessionQuerySet) -> PlaygroundSession:
    """The session out of `allowed`, locked for a change; a problem for who may not (403 for readers, else 404)."""
    # Counters go on: only changes of the session itself wait for each other.
    row = PlaygroundSession.objects.select_for_update(no_key=True).filter(id=session_id).first()
    found = allowed.filter(id=session_id).first() if row else None
    if found is None:
        raise refusal(user, session_id)
    return found


@transaction.atomic
def change(
    *, user: User, session_id: UUID, given: Mapping[str, Any], check: Callable[[PlaygroundSession], None]
) -> PlaygroundSession:
    """Sets what the body names; `check` may raise a Problem, then nothing is written."""
    session = locked(user, session_id, PlaygroundSession.objects.editable_by(user))
    check(session)
    columns = _columns(given)
    if session.archived_at is not None and columns.get("archived_at") is not None:
        del columns["archived_at"]
    changed = [name for name, value in columns.items() if getattr(session, name) != value]
    for name in changed:
        setattr(session, name, columns[name])
    if changed:
        _touch(session, *changed)
    return session


@transaction.atomic
def share(*, user: User, session_id: UUID, members: Sequence[Mapping[str, Any]]) -> PlaygroundSession:
    """Sets whom the session is shared with; those left out lose it at once."""
    session = locked(user, session_id, PlaygroundSession.objects.governed_by(user))
    before = people_of(session.members)
    replace_members(session.members, resolve_members(members, by=user, owner_id=session.user_id))
    _touch(session)
    tell("shared", session, by=user.id)
    tell_shared(session, by=user.id, people=people_of(session.members) - before)
    return session


def rename_for_project(session: PlaygroundSession, name: str, *, kept_as: str) -> None:
    """A locked session follows the name of its project, which its metadata keep."""
    session.name, session.metadata = name, {**session.metadata, kept_as: name}
    _touch(session, "name", "metadata")


def archive(session: PlaygroundSession, *, at: datetime) -> None:
    """A locked session is put away: it is read, and nothing runs in it."""
    session.archived_at = at
    _touch(session, "archived_at")


def share_json(session: PlaygroundSession) -> dict[str, Any]:
    """The share as the API tells it."""
    return {"members": members_json(session.members.select_related("user", "team").order_by("id"))}


@transaction.atomic
def delete(*, user: User, session_id: UUID) -> None:
    """Takes the session away for 30 days, after which it is removed with its executions."""
    session = locked(user, session_id, PlaygroundSession.objects.governed_by(user))
    session.deleted_at = timezone.now()
    # The next run without a session gets a new default one.
    session.is_default = False
    _touch(session, "deleted_at", "is_default")
    tell("deleted", session, by=user.id)


@transaction.atomic
def undelete(*, user: User, session_id: UUID) -> PlaygroundSession:
    """Brings a deleted session back; harmless when it is there."""
    deleted = PlaygroundSession.objects.restorable_by(user).select_for_update(no_key=True).filter(id=session_id).first()
    if deleted is not None:
        deleted.deleted_at = None
        _touch(deleted, "deleted_at")
    return locked(user, session_id, PlaygroundSession.objects.governed_by(user))


def _touch(session: PlaygroundSession, *fields: str) -> None:
    session.revision += 1
    session.save(update_fields=[*fields, "revision"])
