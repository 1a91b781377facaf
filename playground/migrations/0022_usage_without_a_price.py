"""Usage tells whose price was not known: a cost of nothing may as well be a free model's, or a cached answer's."""

from django.db import migrations, models

OF_THOSE_THAT_ENDED = """
UPDATE execution_usage AS u SET is_unpriced = true
FROM execution_usage AS used LEFT JOIN prompt_executions AS e ON e.id = used.execution_id
WHERE u.execution_id = used.execution_id AND used.prompt_tokens + used.completion_tokens > 0 AND NOT used.is_cached
    AND NOT coalesce(e.metadata -> 'price_known' = 'true'::jsonb, used.cost > 0)
"""


class Migration(migrations.Migration):
    dependencies = [("playground", "0021_usage_by_what_is_asked")]

    operations = [
        migrations.AddField(
            model_name="executionusage",
            name="is_unpriced",
            field=models.BooleanField(default=False, db_default=False),
        ),
        migrations.RunSQL(OF_THOSE_THAT_ENDED, migrations.RunSQL.noop),
    ]
