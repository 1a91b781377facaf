"""Sums of runs without a price: they held each run that cost nothing, free and cached ones too."""

from django.db import migrations

COUNTED_WRONG = """
wrong AS (
    SELECT *, is_unpriced::int - (cost = 0)::int AS more FROM execution_usage
    WHERE is_rolled_up AND NOT is_copy AND prompt_tokens + completion_tokens > 0 AND is_unpriced <> (cost = 0)
)
"""
OF_HOURS = f"""
WITH {COUNTED_WRONG}, summed AS (
    SELECT date_trunc('hour', began_at, 'UTC') AS hour, model_id, origin, status, error_code, sum(more) AS more
    FROM wrong GROUP BY 1, 2, 3, 4, 5
)
UPDATE usage_cells AS c SET unpriced = c.unpriced + s.more FROM summed AS s
WHERE (c.hour, c.model_id, c.origin, c.status, c.error_code) = (s.hour, s.model_id, s.origin, s.status, s.error_code)
"""
OF_DAYS = f"""
WITH {COUNTED_WRONG}, summed AS (
    SELECT place.kind, (began_at AT TIME ZONE 'UTC')::date AS day, place.key, sum(more) AS more
    FROM wrong CROSS JOIN LATERAL (
        VALUES ('user', coalesce(user_id::text, '')), ('session', coalesce(session_id::text, '')),
            ('project', project_id), ('version', coalesce(template_version_id::text, '')),
            ('token', coalesce(token_id::text, '')),
            ('quarter', to_char(
                date_bin('15 minutes', began_at, '2000-01-01Z') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"'
            ))
    ) AS place (kind, key)
    GROUP BY 1, 2, 3
)
UPDATE usage_days AS d SET unpriced = d.unpriced + s.more FROM summed AS s
WHERE (d.kind, d.day, d.key) = (s.kind, s.day, s.key)
"""
# ruff: noqa: S608 - put together from this file's own constants


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0008_usage_by_what_is_asked"),
        ("playground", "0022_usage_without_a_price"),
    ]

    operations = [
        migrations.RunSQL(OF_HOURS, migrations.RunSQL.noop),
        migrations.RunSQL(OF_DAYS, migrations.RunSQL.noop),
    ]
