"""What breakers went through, for administrators."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("providers", "0004_audited"),
    ]

    operations = [
        migrations.CreateModel(
            name="BreakerTransition",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("provider", models.CharField(max_length=50)),
                ("model_id", models.CharField(blank=True, default="", max_length=255)),
                ("from_state", models.CharField(max_length=10)),
                ("to_state", models.CharField(max_length=10)),
                ("at", models.DateTimeField()),
                ("reason", models.CharField(blank=True, default="", max_length=50)),
                ("entry", models.CharField(max_length=60, unique=True)),
            ],
            options={
                "db_table": "breaker_transitions",
                "indexes": [
                    models.Index(fields=["provider", "model_id", "-at", "-id"], name="transitions_by_breaker"),
                    models.Index(fields=["at"], name="transitions_by_time"),
                ],
            },
        ),
    ]
