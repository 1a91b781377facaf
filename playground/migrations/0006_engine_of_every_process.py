"""Whose execution it is, and what was set aside for it: columns that the code of before leaves to the database."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("playground", "0005_no_way_up"),
        ("sessions_app", "0003_no_way_up"),
        ("templates_app", "0002_last_model"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="promptexecution",
            name="max_cost",
            field=models.DecimalField(decimal_places=8, max_digits=20, null=True),
        ),
        migrations.AddField(
            model_name="promptexecution",
            name="origin",
            field=models.CharField(
                choices=[
                    ("person", "Person"),
                    ("service", "Service"),
                    ("comparison", "Comparison"),
                    ("evaluation", "Evaluation"),
                    ("judge", "Judge"),
                ],
                db_default="service",
                default="service",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="promptexecution",
            name="reserved_cost",
            field=models.DecimalField(db_default=0, decimal_places=8, default=0, max_digits=20),
        ),
        migrations.AddField(
            model_name="promptexecution",
            name="reserved_tokens",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.RunSQL(
            "UPDATE prompt_executions SET origin = 'comparison' WHERE comparison_id IS NOT NULL",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="promptexecution",
            constraint=models.CheckConstraint(
                condition=models.Q(("origin__in", ["person", "service", "comparison", "evaluation", "judge"])),
                name="execution_origin_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="promptexecution",
            constraint=models.CheckConstraint(
                condition=models.Q(("max_cost", None), ("reserved_cost__lte", models.F("max_cost")), _connector="OR"),
                name="execution_within_its_max_cost",
            ),
        ),
    ]
