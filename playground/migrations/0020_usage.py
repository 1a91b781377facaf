"""What executions used, in rows of its own; those that ended before are written down too."""

import uuid

import django.contrib.postgres.indexes
from django.db import migrations, models

OF_THOSE_THAT_ENDED = """
WITH ended AS (
    SELECT * FROM prompt_executions WHERE status NOT IN ('pending', 'running')
), used AS (
    SELECT e.id, e.created_at, e.user_id, e.session_id, coalesce(s.project_id, '') AS project_id,
        e.template_version_id, e.token_id, e.model_id, e.origin, e.status, e.error_code,
        jsonb_exists_any(e.metadata, ARRAY['forked_from', 'imported_from']) AS is_copy,
        coalesce(e.metadata -> 'cached' = 'true'::jsonb, false) AS is_cached,
        least(e.prompt_tokens, 1000000000000000) AS prompt_tokens,
        least(e.completion_tokens, 1000000000000000) AS completion_tokens, coalesce(CASE WHEN jsonb_typeof(e.billing -> 'details' -> 'cache_read_tokens') = 'number' THEN greatest(least((e.billing -> 'details' -> 'cache_read_tokens')::numeric, 1000000000000000), 0)::bigint END, 0) AS cache_read_tokens,
        coalesce(CASE WHEN jsonb_typeof(e.billing -> 'details' -> 'cache_write_tokens') = 'number' THEN greatest(least((e.billing -> 'details' -> 'cache_write_tokens')::numeric, 1000000000000000), 0)::bigint END, CASE WHEN jsonb_typeof(e.billing -> 'details' -> 'cache_write_1h_tokens') = 'number' THEN greatest(least((e.billing -> 'details' -> 'cache_write_1h_tokens')::numeric, 1000000000000000), 0)::bigint END, 0) AS cache_write_tokens,
        coalesce(CASE WHEN jsonb_typeof(e.billing -> 'details' -> 'reasoning_tokens') = 'number' THEN greatest(least((e.billing -> 'details' -> 'reasoning_tokens')::numeric, 1000000000000000), 0)::bigint END, 0) AS reasoning_tokens,
        least(round(coalesce(e.estimated_cost, 0) * 100000000), 9000000000000000)::bigint AS cost, l.*,
        CASE WHEN e.status = 'completed' AND e.execution_time IS NOT NULL THEN least(round(e.execution_time * 1000), 2147483647)::int END AS latency, CASE WHEN e.status = 'completed' AND first.seconds IS NOT NULL THEN least(round(first.seconds * 1000), 2147483647)::int END AS first_token
    FROM ended e LEFT JOIN playground_sessions s ON s.id = e.session_id CROSS JOIN LATERAL (
        SELECT least(round(coalesce(sum((x ->> 'cost')::numeric) FILTER (WHERE x ->> 'item' = 'input'), 0) * 100000000), 9000000000000000)::bigint AS input_cost, least(round(coalesce(sum((x ->> 'cost')::numeric) FILTER (WHERE x ->> 'item' = 'cache_read'), 0) * 100000000), 9000000000000000)::bigint AS cache_read_cost, least(round(coalesce(sum((x ->> 'cost')::numeric) FILTER (WHERE x ->> 'item' = 'cache_write'), 0) * 100000000), 9000000000000000)::bigint AS cache_write_cost, least(round(coalesce(sum((x ->> 'cost')::numeric) FILTER (WHERE x ->> 'item' = 'output'), 0) * 100000000), 9000000000000000)::bigint AS output_cost, least(round(coalesce(sum((x ->> 'cost')::numeric) FILTER (WHERE x ->> 'item' = 'reasoning'), 0) * 100000000), 9000000000000000)::bigint AS reasoning_cost, least(round(coalesce(sum((x ->> 'cost')::numeric) FILTER (WHERE x ->> 'item' = 'attempt'), 0) * 100000000), 9000000000000000)::bigint AS attempt_cost
        FROM jsonb_array_elements(
            CASE WHEN jsonb_typeof(e.billing -> 'lines') = 'array' THEN e.billing -> 'lines' ELSE '[]' END
        ) AS x
    ) AS l CROSS JOIN LATERAL (
        SELECT CASE WHEN jsonb_typeof(e.metadata -> 'time_to_first_token') = 'number'
            THEN greatest((e.metadata -> 'time_to_first_token')::numeric, 0) END AS seconds
    ) AS first
), recorded AS (
    INSERT INTO execution_usage (
execution_id, began_at, user_id, session_id, project_id, template_version_id, token_id, model_id, origin, status,
error_code, is_copy, is_cached, prompt_tokens, completion_tokens, cache_read_tokens, cache_write_tokens,
reasoning_tokens, cost, input_cost, cache_read_cost, cache_write_cost, output_cost, reasoning_cost, attempt_cost, latency, first_token, latency_bucket,
first_token_bucket, is_rolled_up
)
    SELECT u.*, CASE WHEN u.latency <= 0 THEN 0 ELSE 1 + ceil(ln(u.latency::float8) / ln(1.04::float8)) END::smallint, CASE WHEN u.first_token <= 0 THEN 0 ELSE 1 + ceil(ln(u.first_token::float8) / ln(1.04::float8)) END::smallint, false FROM used u
    ON CONFLICT (execution_id) DO NOTHING
)
SELECT 1
"""


class Migration(migrations.Migration):
    dependencies = [
        ("playground", "0019_executions_with_large_answers"),
        ("sessions_app", "0006_audited"),
    ]

    operations = [
        migrations.AddField(
            model_name="promptexecution",
            name="token_id",
            field=models.UUIDField(null=True),
        ),
        migrations.CreateModel(
            name="ExecutionUsage",
            fields=[
                ("execution_id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("began_at", models.DateTimeField()),
                ("user_id", models.UUIDField(null=True)),
                ("session_id", models.UUIDField(null=True)),
                ("project_id", models.CharField(blank=True, default="", max_length=255)),
                ("template_version_id", models.UUIDField(null=True)),
                ("token_id", models.UUIDField(null=True)),
                ("model_id", models.CharField(max_length=255)),
                ("origin", models.CharField(max_length=20)),
                ("status", models.CharField(max_length=20)),
                ("error_code", models.CharField(blank=True, default="", max_length=50)),
                ("is_copy", models.BooleanField(default=False)),
                ("is_cached", models.BooleanField(default=False)),
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
                ("latency", models.IntegerField(null=True)),
                ("first_token", models.IntegerField(null=True)),
                ("latency_bucket", models.SmallIntegerField(null=True)),
                ("first_token_bucket", models.SmallIntegerField(null=True)),
                ("is_rolled_up", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "execution_usage",
                "indexes": [
                    models.Index(fields=["user_id", "began_at"], name="usage_by_user"),
                    models.Index(fields=["session_id", "began_at"], name="usage_by_session"),
                    django.contrib.postgres.indexes.BrinIndex(
                        autosummarize=True, fields=["began_at"], name="usage_by_time"
                    ),
                    models.Index(
                        condition=models.Q(("is_copy", False), ("status", "failed")),
                        fields=["began_at"],
                        name="usage_failed",
                    ),
                    models.Index(
                        condition=models.Q(("is_copy", False), ("is_rolled_up", False)),
                        fields=["began_at"],
                        name="usage_not_rolled_up",
                    ),
                ],
            },
        ),
        migrations.RunSQL(OF_THOSE_THAT_ENDED, migrations.RunSQL.noop),
    ]
