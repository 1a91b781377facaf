"""A person's sessions, for themselves."""

from __future__ import annotations

from privacy.own_data.records import of_rows
from sessions_app.models import PlaygroundSession


def declare() -> None:
    """To be called when the app is ready."""
    of_rows(
        "sessions",
        "Your sessions; hidden ones hold what the service has kept for your tests.",
        lambda user: PlaygroundSession.objects.filter(user=user),
        "id", "name", "description", "purpose", "project_id", "tags", "metadata", "is_hidden", "execution_count",
        "total_cost", "created_at", "last_executed", "archived_at", "deleted_at",
    )  # fmt: skip
