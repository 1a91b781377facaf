"""Sessions in JSON, the same wherever they appear (api.md, "Sessions")."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from sessions_app.lookup import role_in


def session_json(session: Any, user: User) -> dict[str, Any]:
    """The session (out of `lookup.seen_by`), for eyes that may see it; the cost is in USD."""
    return {
        "id": session.id,
        "name": session.name,
        "description": session.description,
        "project_id": session.project_id or None,
        "purpose": session.purpose,
        "user_id": session.user_id,
        "owner": {"id": session.user_id, "name": str(session.user)},
        "role": role_in(session, user),
        "members_count": session.members_count,
        "tags": session.tags,
        "is_default": session.is_default,
        "archived": session.archived_at is not None,
        "execution_count": session.execution_count,
        "total_cost": session.total_cost,
        "created_at": session.created_at,
        "last_executed": session.last_executed,
        "metadata": session.metadata,
    }
