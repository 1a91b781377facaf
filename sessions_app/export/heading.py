"""The session itself, as it stands in a bundle."""

from __future__ import annotations

from typing import Any

from sessions_app.models import PlaygroundSession


def heading(session: PlaygroundSession) -> dict[str, Any]:
    """What the session is called and counts; its executions stand beside it."""
    return {
        "id": session.id,
        "name": session.name,
        "description": session.description,
        "project_id": session.project_id,
        "purpose": session.purpose,
        "tags": session.tags,
        "metadata": session.metadata,
        "execution_count": session.execution_count,
        "total_cost": session.total_cost,
        "created_at": session.created_at,
        "last_executed": session.last_executed,
    }
