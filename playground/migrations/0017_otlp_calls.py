from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("playground", "0016_mcp_servers")]

    operations = [
        migrations.AlterField(
            model_name="promptexecution",
            name="origin",
            field=models.CharField(
                choices=[
                    ("person", "Person"),
                    ("service", "Service"),
                    ("comparison", "Comparison"),
                    ("evaluation", "Evaluation"),
                    ("judge", "Judge"),
                    ("trace", "Trace"),
                ],
                db_default="service",
                default="service",
                max_length=20,
            ),
        ),
        migrations.RemoveConstraint(model_name="promptexecution", name="execution_origin_known"),
        migrations.AddConstraint(
            model_name="promptexecution",
            constraint=models.CheckConstraint(
                condition=models.Q(("origin__in", ["person", "service", "comparison", "evaluation", "judge", "trace"])),
                name="execution_origin_known",
            ),
        ),
    ]
