"""Which session a call that was made elsewhere is kept in."""

from __future__ import annotations

from typing import Final
from uuid import UUID, uuid5

import orjson

from accounts.models import User
from sessions_app import lifecycle
from sessions_app.models import PlaygroundSession

MOST_SERVICES: Final = 100
"""Sessions that calls make for somebody; what further services send is kept in one more."""
PROJECT: Final = "dadms.project_id"
"""The resource's attribute that names its project."""
SERVICE: Final = "service.name"
LONGEST: Final = 255
MADE_FOR: Final = "calls_of_service"
"""Of the session's metadata."""


class Places:
    """The sessions of one person's request."""

    def __init__(self, user: User) -> None:
        self._user = user
        self._known: dict[tuple[str, str], PlaygroundSession] = {}
        self._meant: dict[str, PlaygroundSession | None] = {}

    def of(self, *, service: str, project: str, conversation: str) -> PlaygroundSession:
        """The session that the conversation's id names, where the person may run in it; else that of the service."""
        if (meant := self._session_meant(conversation)) is not None:
            return meant
        key = (service[:LONGEST], project[:LONGEST])
        if key not in self._known:
            self._known[key] = self._of_service(*key)
        return self._known[key]

    def _session_meant(self, conversation: str) -> PlaygroundSession | None:
        if conversation not in self._meant:
            self._meant[conversation] = self._editable(conversation)
        return self._meant[conversation]

    def _editable(self, conversation: str) -> PlaygroundSession | None:
        try:
            session_id = UUID(conversation)
        except ValueError:
            return None
        rows = PlaygroundSession.objects.editable_by(self._user).listed().filter(archived_at=None)
        return rows.filter(id=session_id).first()

    def _of_service(self, service: str, project: str) -> PlaygroundSession:
        """Its id follows from the names: two requests at once find the same one. A deleted one is left alone."""
        mine = PlaygroundSession.objects.filter(user=self._user)
        for number in range(MOST_SERVICES):
            session_id = uuid5(self._user.id, orjson.dumps([service, project, number]).decode())
            found = mine.filter(id=session_id).first()
            if found is not None and found.deleted_at is None and found.archived_at is None:
                return found
            if found is None:
                return self._made(session_id, service, project)
        return PlaygroundSession.objects.default_of(self._user)

    def _made(self, session_id: UUID, service: str, project: str) -> PlaygroundSession:
        if self._are_too_many():
            return PlaygroundSession.objects.default_of(self._user)
        name = f"Calls of {service}" if service else "Calls made elsewhere"
        given = {
            "id": session_id,
            "name": name[:LONGEST],
            "project_id": project,
            "purpose": "Calls that were made elsewhere, as their traces tell.",
            "tags": [TAG],
            "metadata": {MADE_FOR: service},
        }
        return lifecycle.create(owner=self._user, given=given)

    def _are_too_many(self) -> bool:
        return PlaygroundSession.objects.filter(user=self._user, tags__contains=[TAG]).count() >= MOST_SERVICES


TAG: Final = "traces"
