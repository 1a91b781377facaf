import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import foundation.sealing.fields

STATUSES = ("pending", "running", "completed", "failed")


class Migration(migrations.Migration):
    """Imports that are made in the background; a table of its own, which old processes do not know."""

    dependencies = [
        ("history", "0003_session_imports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SessionImportArtifact",
            fields=[
                ("storage_name", models.CharField(blank=True, max_length=255)),
                ("sealed_with", models.CharField(blank=True, db_default="", default="", max_length=8)),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "status",
                    models.CharField(
                        choices=[(status, status.capitalize()) for status in STATUSES], default="pending", max_length=10
                    ),
                ),
                ("error", models.CharField(blank=True, max_length=255)),
                ("rows_total", models.PositiveIntegerField(default=0)),
                ("rows_done", models.PositiveIntegerField(default=0)),
                ("size", models.PositiveBigIntegerField(default=0)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("lease_expires_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField()),
                ("format", models.CharField(max_length=20)),
                ("is_dry", models.BooleanField(default=False)),
                ("outcome", foundation.sealing.fields.SealedJSONField(editable=False, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "db_table": "import_artifacts",
                "indexes": [models.Index(fields=["expires_at"], name="imports_by_expiry")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("status__in", STATUSES)), name="import_status_known")
                ],
            },
        ),
    ]
