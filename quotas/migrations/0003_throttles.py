"""A user may be held back for a while, by a limit of a kind of its own."""

from django.db import migrations, models

from quotas.ledger.admission import SUBJECTS_WITH_THROTTLES, SUBJECTS_WITHOUT_THROTTLES

KINDS = [
    ("user", "User"),
    ("team", "Team"),
    ("organisation", "Organisation"),
    ("project", "Project"),
    ("token", "Token"),
    ("throttle", "Throttle"),
]
KNOWN = models.CheckConstraint(
    condition=models.Q(("subject_kind__in", [kind for kind, _ in KINDS])), name="quota_subject_known"
)
NONE_HELD_BACK = """
DELETE FROM quota_holds h USING quota_usage u WHERE u.id = h.usage_id AND u.subject_kind = 'throttle';
DELETE FROM quota_alerts a USING quota_usage u WHERE u.id = a.usage_id AND u.subject_kind = 'throttle';
DELETE FROM quota_usage WHERE subject_kind = 'throttle';
DELETE FROM quota_limits WHERE subject_kind = 'throttle';
"""


class Migration(migrations.Migration):
    dependencies = [("quotas", "0002_let_in")]

    operations = [
        migrations.RemoveConstraint(model_name="quotalimit", name="quota_subject_known"),
        migrations.AddField(
            model_name="quotalimit", name="ends_at", field=models.DateTimeField(editable=False, null=True)
        ),
        migrations.AlterField(
            model_name="quotalimit", name="subject_kind", field=models.CharField(choices=KINDS, max_length=20)
        ),
        migrations.AlterField(
            model_name="quotausage", name="subject_kind", field=models.CharField(choices=KINDS, max_length=20)
        ),
        migrations.AddConstraint(model_name="quotalimit", constraint=KNOWN),
        migrations.RunSQL(SUBJECTS_WITH_THROTTLES, SUBJECTS_WITHOUT_THROTTLES),
        migrations.RunSQL("", NONE_HELD_BACK),
    ]
