"""What a person's new prompts begin with: a model and parameters, one row a person, made when they first say so."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import foundation.sealing.fields


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_networks"), ("playground", "0024_named_comparisons")]

    operations = [
        migrations.CreateModel(
            name="PlaygroundDefaults",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("model_id", models.CharField(blank=True, default="", max_length=255)),
                ("parameters", foundation.sealing.fields.SealedJSONField(blank=True, empty=dict, null=True)),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={"verbose_name_plural": "playground defaults", "db_table": "playground_defaults"},
        ),
    ]
