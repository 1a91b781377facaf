"""Rules of alerts, how each stands, and when each was firing."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0003_samples"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AlertRule",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=100, unique=True)),
                ("figure", models.CharField(max_length=40)),
                ("provider", models.CharField(blank=True, default="", max_length=64)),
                ("comparison", models.CharField(choices=[("above", "Above"), ("below", "Below")], max_length=10)),
                ("threshold", models.FloatField()),
                ("minutes", models.PositiveIntegerField()),
                (
                    "severity",
                    models.CharField(choices=[("critical", "Critical"), ("warning", "Warning")], max_length=10),
                ),
                ("is_enabled", models.BooleanField(default=True)),
            ],
            options={
                "db_table": "alert_rules",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("comparison__in", ["above", "below"])), name="alert_rule_compares"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("severity__in", ["critical", "warning"])), name="alert_rule_is_so_grave"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("subject", models.CharField(blank=True, default="", max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[("ok", "Ok"), ("pending", "Pending"), ("firing", "Firing"), ("unknown", "Unknown")],
                        default="ok",
                        max_length=10,
                    ),
                ),
                ("since", models.DateTimeField()),
                ("value", models.FloatField(null=True)),
                ("looked_at", models.DateTimeField(null=True)),
                ("missing_since", models.DateTimeField(null=True)),
                ("muted_until", models.DateTimeField(null=True)),
                (
                    "muted_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="alerts",
                        to="monitoring.alertrule",
                    ),
                ),
            ],
            options={
                "db_table": "alerts",
            },
        ),
        migrations.CreateModel(
            name="Firing",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=100)),
                ("subject", models.CharField(blank=True, default="", max_length=64)),
                ("figure", models.CharField(max_length=40)),
                ("comparison", models.CharField(choices=[("above", "Above"), ("below", "Below")], max_length=10)),
                ("threshold", models.FloatField()),
                (
                    "severity",
                    models.CharField(choices=[("critical", "Critical"), ("warning", "Warning")], max_length=10),
                ),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("worst", models.FloatField()),
                ("told_at", models.DateTimeField(null=True)),
                (
                    "alert",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="firings",
                        to="monitoring.alert",
                    ),
                ),
            ],
            options={
                "db_table": "alert_firings",
            },
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.UniqueConstraint(fields=("rule", "subject"), name="one_alert_a_rule_and_subject"),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["ok", "pending", "firing", "unknown"])), name="alert_is_in_a_state"
            ),
        ),
        migrations.AddIndex(
            model_name="firing",
            index=models.Index(fields=["-began_at", "-id"], name="alert_firings_by_start"),
        ),
        migrations.AddConstraint(
            model_name="firing",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("alert",), name="one_firing_of_an_alert_at_a_time"
            ),
        ),
    ]
