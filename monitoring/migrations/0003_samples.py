"""How the installation stood, one row a minute and host."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0002_audited"),
    ]

    operations = [
        migrations.CreateModel(
            name="Sample",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("minute", models.DateTimeField()),
                ("host", models.CharField(max_length=100)),
                ("figures", models.JSONField()),
            ],
            options={
                "db_table": "monitoring_samples",
                "constraints": [
                    models.UniqueConstraint(fields=("minute", "host"), name="one_sample_a_minute_and_host")
                ],
            },
        ),
    ]
