import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ErrorGroup",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("fingerprint", models.CharField(max_length=32, unique=True)),
                ("type", models.CharField(max_length=200)),
                ("place", models.CharField(max_length=300)),
                ("logger", models.CharField(max_length=100)),
                ("event", models.CharField(max_length=60)),
                ("chain", models.JSONField(default=list)),
                ("count", models.BigIntegerField()),
                ("first_seen", models.DateTimeField()),
                ("last_seen", models.DateTimeField()),
                ("first_version", models.CharField(max_length=30)),
                ("last_version", models.CharField(max_length=30)),
                ("role", models.CharField(max_length=20)),
                ("route", models.CharField(max_length=300)),
                ("last_request_id", models.CharField(max_length=64)),
                ("last_execution_id", models.UUIDField(null=True)),
                ("regressions", models.PositiveIntegerField()),
                ("returned_at", models.DateTimeField(null=True)),
                ("told_at", models.DateTimeField(null=True)),
                ("resolved_at", models.DateTimeField(null=True)),
                ("muted_at", models.DateTimeField(null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "error_groups",
            },
        ),
        migrations.CreateModel(
            name="ErrorHour",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("hour", models.DateTimeField()),
                ("count", models.BigIntegerField()),
                (
                    "group",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hours",
                        to="monitoring.errorgroup",
                    ),
                ),
            ],
            options={
                "db_table": "error_hours",
            },
        ),
        migrations.AddIndex(
            model_name="errorgroup",
            index=models.Index(fields=["-last_seen", "-id"], name="error_groups_by_last_seen"),
        ),
        migrations.AddConstraint(
            model_name="errorgroup",
            constraint=models.CheckConstraint(
                condition=models.Q(("resolved_at", None), ("muted_at", None), _connector="OR"),
                name="error_is_in_one_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="errorhour",
            constraint=models.UniqueConstraint(fields=("group", "hour"), name="one_count_an_hour"),
        ),
    ]
