"""The function by which executions are let in, and who writes to quotas told to the audit log."""

from django.db import migrations

from audit.triggers import watched
from quotas.ledger.admission import LET_IN, LET_IN_NO_MORE, SUBJECTS, SUBJECTS_NO_MORE


class Migration(migrations.Migration):
    dependencies = [("quotas", "0001_initial"), ("accounts", "0007_organisations"), ("audit", "0001_initial")]

    operations = [
        migrations.RunSQL(SUBJECTS, SUBJECTS_NO_MORE),
        migrations.RunSQL(LET_IN, LET_IN_NO_MORE),
        watched(
            "quota_limits",
            kind="quota",
            made="quota_set",
            changed="quota_changed",
            deleted="quota_removed",
            columns=["subject_kind", "subject_id", "period", "executions", "tokens", "cost", "is_hard"],
        ),
    ]
