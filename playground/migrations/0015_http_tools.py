"""Tools that administrators add; writes to them are told to the audit log."""

import uuid

import django.core.validators
import django.utils.timezone
from django.db import migrations, models

import foundation.sealing.fields
from audit.triggers import watched


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("playground", "0014_executions_by_time")]

    operations = [
        migrations.CreateModel(
            name="HttpTool",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "name",
                    models.CharField(
                        help_text="What a model calls it by.",
                        max_length=64,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator("^[A-Za-z0-9_-]{1,64}$", "letters, digits, - and _")
                        ],
                    ),
                ),
                ("description", foundation.sealing.fields.SealedTextField()),
                ("parameters", foundation.sealing.fields.SealedJSONField(blank=True, empty=dict, null=True)),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("GET", "GET: arguments in the query"),
                            ("POST", "POST: arguments as JSON"),
                            ("PUT", "PUT: arguments as JSON"),
                            ("PATCH", "PATCH: arguments as JSON"),
                            ("DELETE", "DELETE: arguments in the query"),
                        ],
                        default="GET",
                        max_length=10,
                    ),
                ),
                (
                    "url",
                    models.CharField(
                        help_text="https://…; {name} in its path stands for the argument of that name.", max_length=500
                    ),
                ),
                ("secrets", foundation.sealing.fields.SealedJSONField(null=True)),
                (
                    "seconds",
                    models.PositiveSmallIntegerField(
                        default=20,
                        help_text="Seconds that it may take.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(120),
                        ],
                    ),
                ),
                ("needs_approval", models.BooleanField(default=True, help_text="A person has to allow every call.")),
                ("is_enabled", models.BooleanField(default=True)),
                (
                    "allow_private_address",
                    models.BooleanField(
                        default=False, help_text="The address may lie in this host's own or private networks."
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "db_table": "http_tools",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("method__in", ["GET", "POST", "PUT", "PATCH", "DELETE"])),
                        name="http_tool_method_known",
                    )
                ],
            },
        ),
        watched(
            "http_tools",
            kind="tool",
            made="tool_made",
            changed="tool_changed",
            deleted="tool_deleted",
            columns=[
                "name",
                "description",
                "parameters",
                "method",
                "url",
                "secrets",
                "seconds",
                "needs_approval",
                "is_enabled",
                "allow_private_address",
            ],
        ),
    ]
