import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """What was imported from where; a table of its own, which old processes do not know."""

    dependencies = [
        ("history", "0002_sealed_files"),
        ("sessions_app", "0005_hidden_sessions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SessionImport",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("origin", models.UUIDField(null=True)),
                ("fingerprint", models.BinaryField(max_length=32)),
                ("imported_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="sessions_app.playgroundsession",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "db_table": "session_imports",
                "indexes": [
                    models.Index(fields=["user", "fingerprint"], name="imports_by_content"),
                    models.Index(
                        condition=models.Q(("origin__isnull", False)),
                        fields=["user", "origin"],
                        name="imports_by_origin",
                    ),
                ],
            },
        ),
    ]
