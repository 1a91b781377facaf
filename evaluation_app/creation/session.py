"""Sessions that no list shows: they hold executions that somebody's work needs, and that are no conversation."""

from __future__ import annotations

from uuid import UUID

from accounts.models import User
from sessions_app.models import PlaygroundSession


def hidden_session(user: User, name: str, *, project_id: str = "") -> UUID:
    """The user's hidden session of this name and project; two at once may make two of them, and either will do."""
    wanted = {"user": user, "name": name, "project_id": project_id, "is_hidden": True}
    found = PlaygroundSession.objects.filter(**wanted).order_by("created_at").first()
    made = found or PlaygroundSession.objects.create(**wanted)
    return made.id
