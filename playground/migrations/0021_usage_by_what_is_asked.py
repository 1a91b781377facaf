"""Usage is read from indexes that hold what is asked of it."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("playground", "0020_usage"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="executionusage",
            index=models.Index(
                fields=["user_id", "began_at"],
                include=(
                    "is_copy",
                    "is_cached",
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
        AddIndexConcurrently(
            model_name="executionusage",
            index=models.Index(
                condition=models.Q(("is_copy", False), ("template_version_id__isnull", False)),
                fields=["template_version_id", "began_at"],
                name="usage_by_version",
            ),
        ),
        AddIndexConcurrently(
            model_name="executionusage",
            index=models.Index(
                condition=models.Q(("is_copy", False), ("token_id__isnull", False)),
                fields=["token_id", "began_at"],
                name="usage_by_token",
            ),
        ),
        AddIndexConcurrently(
            model_name="executionusage",
            index=models.Index(
                condition=models.Q(models.Q(("project_id", ""), _negated=True), ("is_copy", False)),
                fields=["project_id", "began_at"],
                name="usage_by_project",
            ),
        ),
        AddIndexConcurrently(
            model_name="executionusage",
            index=models.Index(
                condition=models.Q(("is_copy", False), ("status", "failed")),
                fields=["began_at"],
                include=(
                    "error_code",
                    "status",
                    "model_id",
                    "origin",
                    "user_id",
                    "session_id",
                    "project_id",
                    "template_version_id",
                    "token_id",
                ),
                name="failed_usage",
            ),
        ),
        RemoveIndexConcurrently(
            model_name="executionusage",
            name="usage_by_user",
        ),
        RemoveIndexConcurrently(
            model_name="executionusage",
            name="usage_failed",
        ),
        # An index alone answers where its pages are known to be visible to all, which vacuuming finds out.
        migrations.RunSQL(
            "ALTER TABLE execution_usage SET (autovacuum_vacuum_scale_factor = 0.02, "
            "autovacuum_vacuum_insert_scale_factor = 0.02)",
            "ALTER TABLE execution_usage RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor)",
        ),
    ]
