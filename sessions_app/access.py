"""In which session a run may be kept; remembered for a few seconds, since every run asks."""

from __future__ import annotations

import time
from typing import Final
from uuid import UUID

from accounts.models import User
from foundation.database_threads import in_database_thread
from foundation.problems import not_found
from sessions_app.models import PlaygroundSession

REMEMBERED_FOR: Final = 5.0
"""Seconds; a right that was taken away ends within this time."""
REMEMBERED_AT_MOST: Final = 10_000

_remembered: dict[tuple[UUID, UUID | None], tuple[UUID, float]] = {}


async def session_to_run_in(user: User, session_id: UUID | None) -> UUID:
    """The session asked for, when `user` may run in it (else a 404 problem); the default one when none is."""
    now = time.monotonic()
    known = _remembered.get((user.id, session_id))
    if known and known[1] > now:
        return known[0]
    found = await in_database_thread(_find, user, session_id)
    if len(_remembered) >= REMEMBERED_AT_MOST:
        _remembered.clear()
    _remembered[user.id, session_id] = (found, now + REMEMBERED_FOR)
    return found


def _find(user: User, session_id: UUID | None) -> UUID:
    sessions = PlaygroundSession.objects.all()
    if session_id is None:
        return sessions.default_of(user).id
    if not sessions.editable_by(user).filter(id=session_id).exists():
        raise not_found("The session")
    return session_id
