"""Figures of use by hour and by day, with the times in sketches."""

from django.db import migrations, models

import analytics.models


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0005_mailed"),
    ]

    operations = [
        migrations.CreateModel(
            name="UsageCell",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("hour", models.DateTimeField()),
                ("model_id", models.CharField(max_length=255)),
                ("origin", models.CharField(max_length=20)),
                ("status", models.CharField(max_length=20)),
                ("error_code", models.CharField(blank=True, default="", max_length=50)),
                ("executions", models.BigIntegerField(default=0)),
                ("cached", models.BigIntegerField(default=0)),
                ("prompt_tokens", models.BigIntegerField(default=0)),
                ("completion_tokens", models.BigIntegerField(default=0)),
                ("cache_read_tokens", models.BigIntegerField(default=0)),
                ("cache_write_tokens", models.BigIntegerField(default=0)),
                ("reasoning_tokens", models.BigIntegerField(default=0)),
                ("cost", models.BigIntegerField(default=0)),
                ("input_cost", models.BigIntegerField(default=0)),
                ("cache_read_cost", models.BigIntegerField(default=0)),
                ("cache_write_cost", models.BigIntegerField(default=0)),
                ("output_cost", models.BigIntegerField(default=0)),
                ("reasoning_cost", models.BigIntegerField(default=0)),
                ("attempt_cost", models.BigIntegerField(default=0)),
                ("unpriced", models.BigIntegerField(default=0)),
                ("latency_sketch", analytics.models.WholeNumberField(default=0)),
                ("first_token_sketch", analytics.models.WholeNumberField(default=0)),
            ],
            options={
                "db_table": "usage_cells",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("hour", "model_id", "origin", "status", "error_code"), name="one_cell_an_hour"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="UsageDay",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("kind", models.CharField(max_length=10)),
                ("key", models.CharField(blank=True, max_length=255)),
                ("executions", models.BigIntegerField(default=0)),
                ("completed", models.BigIntegerField(default=0)),
                ("failed", models.BigIntegerField(default=0)),
                ("cancelled", models.BigIntegerField(default=0)),
                ("cached", models.BigIntegerField(default=0)),
                ("prompt_tokens", models.BigIntegerField(default=0)),
                ("completion_tokens", models.BigIntegerField(default=0)),
                ("cache_read_tokens", models.BigIntegerField(default=0)),
                ("cache_write_tokens", models.BigIntegerField(default=0)),
                ("reasoning_tokens", models.BigIntegerField(default=0)),
                ("spent", models.BigIntegerField(default=0)),
                ("spent_elsewhere", models.BigIntegerField(default=0)),
                ("input", models.BigIntegerField(default=0)),
                ("cache_read", models.BigIntegerField(default=0)),
                ("cache_write", models.BigIntegerField(default=0)),
                ("output", models.BigIntegerField(default=0)),
                ("reasoning", models.BigIntegerField(default=0)),
                ("attempt", models.BigIntegerField(default=0)),
                ("unpriced", models.BigIntegerField(default=0)),
                ("latency_sketch", analytics.models.WholeNumberField(default=0)),
                ("first_token_sketch", analytics.models.WholeNumberField(default=0)),
            ],
            options={
                "db_table": "usage_days",
                "constraints": [models.UniqueConstraint(fields=("kind", "day", "key"), name="one_sum_a_day")],
            },
        ),
    ]
