"""Sessions that no list shows: they hold executions that somebody's work needs, and that are no conversation."""

from __future__ import annotations

from uuid import UUID

from accounts.models import User
from sessions_app.models import PlaygroundSession


def hidden_session(user: User, name: str) -> UUID:
    """The user's hidden session of this name; two at once may make two of them, and either will do."""
    found = PlaygroundSession.objects.filter(user=user, is_hidden=True, name=name).order_by("created_at").first()
    made = found or PlaygroundSession.objects.create(user=user, name=name, is_hidden=True)
    return made.id
