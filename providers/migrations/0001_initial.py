"""The tables stood in `playground` before: only the state changes, no row is touched."""

import uuid

import django.core.validators
import django.utils.timezone
from django.db import migrations, models

import foundation.sealing.fields
from foundation.startup.moved_models import content_types_of


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("playground", "0004_history_indexes"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="CatalogueModel",
                    fields=[
                        (
                            "id",
                            models.CharField(
                                help_text="provider/model", max_length=255, primary_key=True, serialize=False
                            ),
                        ),
                        ("provider", models.CharField(db_index=True, max_length=50)),
                        ("listed_at", models.DateTimeField(help_text="When its provider last listed it.", null=True)),
                        ("last_used_at", models.DateTimeField(null=True)),
                        (
                            "details",
                            models.JSONField(blank=True, default=dict, help_text="What the provider's listing says."),
                        ),
                        (
                            "overrides",
                            models.JSONField(
                                blank=True, default=dict, help_text="Fields of GET /api/models set by hand."
                            ),
                        ),
                    ],
                    options={
                        "db_table": "catalogue_models",
                    },
                ),
                migrations.CreateModel(
                    name="Provider",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "slug",
                            models.CharField(
                                max_length=50,
                                unique=True,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "^[a-z0-9][a-z0-9_-]*$", "lower-case letters, digits, - and _"
                                    )
                                ],
                            ),
                        ),
                        ("name", models.CharField(max_length=100)),
                        (
                            "wire",
                            models.CharField(
                                choices=[
                                    ("openai", "OpenAI-compatible chat completions"),
                                    ("anthropic", "Anthropic Messages"),
                                    ("ollama", "Ollama chat"),
                                    ("litellm", "any provider of LiteLLM"),
                                    ("python", "a Python class of this installation"),
                                ],
                                default="openai",
                                max_length=20,
                            ),
                        ),
                        (
                            "base_url",
                            models.URLField(
                                blank=True, help_text="e.g. https://models.example.org/v1; left out for LiteLLM's own"
                            ),
                        ),
                        (
                            "litellm_prefix",
                            models.CharField(
                                blank=True, help_text="LiteLLM's provider prefix, e.g. groq", max_length=50
                            ),
                        ),
                        (
                            "python_class",
                            models.CharField(
                                blank=True, help_text="one of the classes that settings allow", max_length=255
                            ),
                        ),
                        ("credentials", foundation.sealing.fields.SealedJSONField(null=True)),
                        ("is_enabled", models.BooleanField(default=True)),
                        (
                            "requests_per_minute",
                            models.PositiveIntegerField(
                                blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)]
                            ),
                        ),
                        (
                            "tokens_per_minute",
                            models.PositiveIntegerField(
                                blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)]
                            ),
                        ),
                        (
                            "max_concurrency",
                            models.PositiveIntegerField(
                                blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)]
                            ),
                        ),
                        (
                            "allow_private_address",
                            models.BooleanField(
                                default=False, help_text="The address may lie in this host's own or private networks."
                            ),
                        ),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                    ],
                    options={
                        "db_table": "providers",
                    },
                ),
            ]
        ),
        content_types_of("provider", "cataloguemodel", moved=("playground", "providers")),
    ]
