"""An erasure that a legal hold has stopped, and how far the search of its proof has come."""

from django.db import migrations, models

import foundation.sealing.fields

STATUSES = ("requested", "approved", "exporting", "erasing", "held", "done", "refused")


class Migration(migrations.Migration):
    dependencies = [("privacy", "0004_masking_audited")]

    operations = [
        migrations.AddField(
            model_name="erasure",
            name="searched",
            field=foundation.sealing.fields.SealedJSONField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="erasure",
            name="status",
            field=models.CharField(
                choices=[(status, status.capitalize()) for status in STATUSES], default="requested", max_length=10
            ),
        ),
        migrations.RemoveConstraint(model_name="erasure", name="erasure_status_known"),
        migrations.AddConstraint(
            model_name="erasure",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", STATUSES)), name="erasure_status_known"
            ),
        ),
    ]
