"""MCP servers that administrators add; writes to them are told to the audit log, but not what servers say."""

import uuid

import django.core.validators
import django.utils.timezone
from django.db import migrations, models

import foundation.database.json_field
import foundation.sealing.fields
from audit.triggers import watched


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
        ("playground", "0015_http_tools"),
    ]

    operations = [
        migrations.CreateModel(
            name="McpServer",
            fields=[
                ("secrets", foundation.sealing.fields.SealedJSONField(null=True)),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "name",
                    models.CharField(
                        help_text="Its tools are called name__tool.",
                        max_length=24,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Za-z0-9](?:[A-Za-z0-9-]|_(?!_)){0,22}[A-Za-z0-9]$",
                                "2 to 24 letters, digits, - and single _",
                            )
                        ],
                    ),
                ),
                ("url", models.CharField(blank=True, help_text="https://…, streamable HTTP.", max_length=500)),
                (
                    "seconds",
                    models.PositiveSmallIntegerField(
                        default=30,
                        help_text="Seconds that a call may take.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(120),
                        ],
                    ),
                ),
                ("needs_approval", models.BooleanField(default=True, help_text="A person has to allow every call.")),
                (
                    "trusts_annotations",
                    models.BooleanField(
                        default=False, help_text="Tools that the server calls read-only are run without asking."
                    ),
                ),
                ("is_enabled", models.BooleanField(default=True)),
                (
                    "allow_private_address",
                    models.BooleanField(
                        default=False, help_text="The address may lie in this host's own or private networks."
                    ),
                ),
                ("listing", foundation.sealing.fields.SealedJSONField(blank=True, empty=list, null=True)),
                ("confirmed", foundation.database.json_field.JSONField(blank=True, default=dict, editable=False)),
                ("fault", models.CharField(blank=True, default="", editable=False, max_length=300)),
                ("listed_at", models.DateTimeField(editable=False, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "verbose_name": "MCP server",
                "db_table": "mcp_servers",
            },
        ),
        watched(
            "mcp_servers",
            kind="tool",
            made="tool_made",
            changed="tool_changed",
            deleted="tool_deleted",
            columns=[
                "name",
                "url",
                "secrets",
                "seconds",
                "needs_approval",
                "trusts_annotations",
                "is_enabled",
                "allow_private_address",
                "confirmed",
            ],
        ),
    ]
