"""Providers and models go to `providers`, with their tables; sessions, versions and users know nothing of executions.

What versions were run on last is filled in once from the executions; from then on their ends keep it.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

LAST_MODELS = """
UPDATE template_versions v SET last_model_id = latest.model_id
FROM (
    SELECT DISTINCT ON (template_version_id) template_version_id AS id, model_id FROM prompt_executions
    WHERE template_version_id IS NOT NULL AND ended_at IS NOT NULL ORDER BY template_version_id, ended_at DESC
) latest WHERE v.id = latest.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("providers", "0001_initial"),
        ("playground", "0004_history_indexes"),
        ("sessions_app", "0003_no_way_up"),
        ("templates_app", "0002_last_model"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.DeleteModel(name="CatalogueModel"), migrations.DeleteModel(name="Provider")]
        ),
        migrations.AlterField(
            model_name="comparison",
            name="session",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="sessions_app.playgroundsession"
            ),
        ),
        migrations.AlterField(
            model_name="promptexecution",
            name="session",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="sessions_app.playgroundsession"
            ),
        ),
        migrations.AlterField(
            model_name="promptexecution",
            name="template_version",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="templates_app.templateversion",
            ),
        ),
        migrations.AlterField(
            model_name="promptexecution",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AlterField(
            model_name="idempotencykey",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.RunSQL(LAST_MODELS, migrations.RunSQL.noop),
    ]
