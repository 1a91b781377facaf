"""What is told of a session as an event, in the transaction of its change. Hidden ones are nobody's business."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from accounts.sharing import teams_of
from events.models import Kind
from events.notifications.writing import notify
from events.outbox.publishing import publish

if TYPE_CHECKING:
    from sessions_app.models import PlaygroundSession


def tell(happening: Literal["created", "shared", "deleted"], session: PlaygroundSession, *, by: UUID) -> None:
    """Ids only; also to webhooks of the teams that it is shared with."""
    if session.is_hidden:
        return
    publish(
        f"session.{happening}",
        aggregate=f"session:{session.id}",
        payload={"session_id": str(session.id), "user_id": str(by), "project_id": session.project_id or None},
        user_id=by,
        session_id=session.id,
        project_id=session.project_id,
        also_for=teams_of(session.members.all()),
    )


def tell_shared(session: PlaygroundSession, *, by: UUID, people: Collection[UUID]) -> None:
    """Notifies those with whom it was not shared before."""
    if session.is_hidden:
        return
    notify(
        Kind.SHARED,
        people=people,
        by=by,
        owner_id=session.user_id,
        payload={"thing": "session", "id": str(session.id)},
        words={"name": session.name},
    )
