"""That an error was resolved or muted is told to the audit log."""

from django.db import migrations

from audit.triggers import watched


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("monitoring", "0001_initial")]

    operations = [
        watched(
            "error_groups",
            kind="error",
            changed="error_muted",
            columns=("resolved_at", "muted_at"),
            turn=("resolved_at", "error_resolved", ""),
        )
    ]
