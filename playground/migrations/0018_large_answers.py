"""Answers of over 64 KB lie in the object storage: where each of them does. Those that are there are moved by the clock."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("playground", "0017_otlp_calls")]

    operations = [
        migrations.CreateModel(
            name="LargeAnswer",
            fields=[
                ("storage_name", models.CharField(blank=True, max_length=255)),
                ("sealed_with", models.CharField(blank=True, db_default="", default="", max_length=8)),
                (
                    "execution",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="large_answer",
                        serialize=False,
                        to="playground.promptexecution",
                    ),
                ),
                ("size", models.PositiveBigIntegerField()),
            ],
            options={"db_table": "large_answers"},
        ),
    ]
