"""Rules, holds, erasures and files of one's own data are told to the audit log, whatever door they come by."""

from django.db import migrations

from audit.triggers import watched


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("privacy", "0001_initial")]

    operations = [
        watched(
            "retention_rules",
            kind="retention_rule",
            made="retention_changed",
            changed="retention_changed",
            deleted="retention_changed",
            columns=["organisation", "kind", "days"],
        ),
        watched(
            "legal_holds",
            kind="legal_hold",
            made="hold_placed",
            changed="hold_changed",
            deleted="hold_lifted",
            columns=["covers", "object_id", "reason", "lifted_at"],
            turn=("lifted_at", "hold_lifted", "hold_placed"),
        ),
        watched(
            "erasures",
            kind="erasure",
            made="erasure_asked",
            changed="erasure_changed",
            deleted="erasure_changed",
            columns=["status"],
            turn=("decided_at", "erasure_decided", "erasure_changed"),
            concerns=["subject"],
        ),
        watched("own_data", kind="own_data", made="own_data_asked", concerns=["user_id"]),
    ]
