"""Sums of days, and failures by hour, are read from indexes without the sketches beside them."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("analytics", "0007_weekly_reports"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="usagecell",
            index=models.Index(
                condition=models.Q(("status", "failed")),
                fields=["hour"],
                include=("model_id", "origin", "status", "error_code", "executions"),
                name="failed_cells",
            ),
        ),
        AddIndexConcurrently(
            model_name="usageday",
            index=models.Index(
                fields=["kind", "day"],
                include=(
                    "key",
                    "executions",
                    "completed",
                    "failed",
                    "cancelled",
                    "cached",
                    "prompt_tokens",
                    "completion_tokens",
                    "cache_read_tokens",
                    "cache_write_tokens",
                    "reasoning_tokens",
                    "spent",
                    "spent_elsewhere",
                    "unpriced",
                    "input",
                    "cache_read",
                    "cache_write",
                    "output",
                    "reasoning",
                    "attempt",
                ),
                name="sums_of_days",
            ),
        ),
    ]
