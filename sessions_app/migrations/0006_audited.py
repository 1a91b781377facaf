"""Writes to these tables are told to the audit log, whatever door they come by."""

from django.db import migrations

from audit.triggers import watched


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("sessions_app", "0005_hidden_sessions")]

    operations = [
        watched(
            "playground_sessions",
            kind="session",
            made="session_made",
            changed="session_changed",
            deleted="session_removed",
            columns=[
                "name",
                "description",
                "project_id",
                "user_id",
                "tags",
                "metadata",
                "purpose",
                "archived_at",
                "deleted_at",
            ],
            turn=("deleted_at", "session_deleted", "session_undeleted"),
        ),
        watched(
            "session_members",
            kind="session",
            made="session_shared",
            changed="session_share_changed",
            deleted="session_unshared",
            columns=["role"],
            identified_by="session_id",
            concerns=["user_id", "team_id"],
        ),
    ]
