"""Writes to the rules of masking are told to the audit log, whatever door they come by."""

from django.db import migrations

from audit.triggers import watched


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("privacy", "0003_masking_rules")]

    operations = [
        watched(
            "masking_rules",
            kind="masking",
            made="masking_set",
            changed="masking_changed",
            deleted="masking_removed",
            columns=["project_id", "email", "phone", "iban", "card", "names", "patterns", "files"],
        ),
    ]
