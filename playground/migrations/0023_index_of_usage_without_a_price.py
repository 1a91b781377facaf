"""Whose price was not known is read from the index with what else is summed of a person."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("playground", "0022_usage_without_a_price")]

    operations = [
        RemoveIndexConcurrently(model_name="executionusage", name="usage_of_people"),
        AddIndexConcurrently(
            model_name="executionusage",
            index=models.Index(
                fields=["user_id", "began_at"],
                include=(
                    "is_copy",
                    "is_cached",
                    "is_unpriced",
                    "is_rolled_up",
                    "model_id",
                    "origin",
                    "status",
                    "error_code",
                    "prompt_tokens",
                    "completion_tokens",
                    "cache_read_tokens",
                    "cache_write_tokens",
                    "reasoning_tokens",
                    "cost",
                    "input_cost",
                    "cache_read_cost",
                    "cache_write_cost",
                    "output_cost",
                    "reasoning_cost",
                    "attempt_cost",
                    "latency_bucket",
                    "first_token_bucket",
                ),
                name="usage_of_people",
            ),
        ),
    ]
