"""In which session a run may be kept, and of which project it is; remembered for seconds, since every run asks."""

from __future__ import annotations

from typing import Final, NamedTuple
from uuid import UUID

from accounts.models import User
from foundation.cache.remembered import Remembered
from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from sessions_app.lookup import refusal
from sessions_app.models import PlaygroundSession

BELIEVED_FOR: Final = 5.0
"""Seconds; a right that was taken away ends within this time."""


class Place(NamedTuple):
    """Where an execution is kept."""

    session_id: UUID
    project_id: str
    """Empty where the session is of none."""


_sessions: Remembered[tuple[UUID, UUID | None, bool], Place] = Remembered()


async def place_to_run_in(user: User, session_id: UUID | None, *, is_evaluating: bool = False) -> Place:
    """The session asked for, when `user` may run in it (else a problem); the default one when none is.

    In a hidden session runs only what the service asks for an evaluation of the user's (`is_evaluating`).
    """

    async def find() -> tuple[Place, float]:
        return await in_database_thread(_find, user, session_id, is_evaluating), BELIEVED_FOR

    return await _sessions.get((user.id, session_id, is_evaluating), find)


def _find(user: User, session_id: UUID | None, is_evaluating: bool) -> Place:
    sessions = PlaygroundSession.objects.all()
    if session_id is None:
        session = sessions.default_of(user)
        return Place(session.id, session.project_id)
    allowed = sessions.kept_by(user) if is_evaluating else sessions.editable_by(user)
    found = allowed.filter(id=session_id).only("archived_at", "is_hidden", "project_id").first()
    if found is None:
        raise refusal(user, session_id)
    if found.archived_at is not None and not found.is_hidden:
        raise Problem(409, "session_archived", "The session is archived: take it out of the archive to run in it.")
    return Place(session_id, found.project_id)
