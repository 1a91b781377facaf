"""What is known of a traffic split while it runs."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("evaluation_app", "0018_asking_tokens"),
        ("templates_app", "0013_traffic_splits"),
    ]

    operations = [
        migrations.CreateModel(
            name="SplitWatch",
            fields=[
                (
                    "split",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="templates_app.templatesplit",
                    ),
                ),
                ("race", models.JSONField(default=dict)),
                ("calls", models.JSONField(default=dict)),
                ("cursor_at", models.DateTimeField(null=True)),
                ("cursor_id", models.UUIDField(null=True)),
                ("looked_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "evaluation_split_watches",
            },
        ),
        migrations.CreateModel(
            name="SplitUnit",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("unit", models.CharField(max_length=16)),
                (
                    "watch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="evaluation_app.splitwatch",
                    ),
                ),
            ],
            options={
                "db_table": "evaluation_split_units",
                "constraints": [models.UniqueConstraint(fields=("watch", "unit"), name="a_key_counts_once")],
            },
        ),
    ]
