import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import foundation.sealing.fields


class Migration(migrations.Migration):
    dependencies = [
        ("privacy", "0002_audited"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MaskingRules",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("project_id", models.CharField(max_length=255, unique=True)),
                ("email", models.BooleanField(default=False)),
                ("phone", models.BooleanField(default=False)),
                ("iban", models.BooleanField(default=False)),
                ("card", models.BooleanField(default=False)),
                ("names", foundation.sealing.fields.SealedJSONField(blank=True, empty=list, null=True)),
                ("patterns", foundation.sealing.fields.SealedJSONField(blank=True, empty=list, null=True)),
                (
                    "files",
                    models.CharField(
                        choices=[("refuse", "Refuse calls with pictures or files"), ("send", "Send them as they are")],
                        default="refuse",
                        max_length=10,
                    ),
                ),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "updated_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "masking rules",
                "db_table": "masking_rules",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("project_id", ""), _negated=True), name="masking_has_a_project"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("files__in", ["refuse", "send"])), name="masking_files_known"
                    ),
                ],
            },
        ),
    ]
