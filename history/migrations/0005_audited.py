"""Writes to these tables are told to the audit log, whatever door they come by."""

from django.db import migrations

from audit.triggers import watched


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("history", "0004_large_imports")]

    operations = [
        watched("export_artifacts", kind="session", made="export_asked", identified_by="session_id"),
        watched("import_artifacts", kind="import", made="import_asked"),
        watched("session_imports", kind="session", made="session_imported", identified_by="session_id"),
    ]
