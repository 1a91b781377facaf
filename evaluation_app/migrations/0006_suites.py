import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import foundation.sealing.fields


class Migration(migrations.Migration):
    dependencies = [
        ("evaluation_app", "0005_reviews"),
        ("templates_app", "0006_label_approvals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Suite",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=255)),
                ("tests", foundation.sealing.fields.SealedJSONField()),
                ("content_hash", models.CharField(max_length=64)),
                ("gate_label", models.CharField(blank=True, default="", max_length=50)),
                ("gate_margin", models.FloatField(default=0.0)),
                ("gate_estimand", models.CharField(blank=True, default="", max_length=40)),
                ("gate_floor", models.FloatField(null=True)),
                ("must_look", models.BooleanField(default=False)),
                ("schedule", models.JSONField(null=True)),
                ("next_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "template",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="templates_app.prompttemplate",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "db_table": "evaluation_suites",
            },
        ),
        migrations.CreateModel(
            name="SuiteRun",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("trial_hash", models.CharField(max_length=64)),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("hand", "By hand"),
                            ("schedule", "Schedule"),
                            ("label", "A label moves"),
                            ("partial", "A partial changed"),
                            ("command", "Command"),
                            ("reference", "To compare with"),
                        ],
                        max_length=10,
                    ),
                ),
                ("due_at", models.DateTimeField(null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("passed", "Passed"),
                            ("failed", "Failed"),
                            ("not_judged", "Not judged"),
                        ],
                        default="running",
                        max_length=10,
                    ),
                ),
                ("verdict", models.JSONField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reference",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="compared",
                        to="evaluation_app.suiterun",
                    ),
                ),
                (
                    "suite",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="runs", to="evaluation_app.suite"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="templates_app.templateversion",
                    ),
                ),
            ],
            options={
                "db_table": "evaluation_suite_runs",
            },
        ),
        migrations.CreateModel(
            name="GateOverride",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("label", models.CharField(max_length=50)),
                ("suite_name", models.CharField(max_length=255)),
                ("verdict", models.JSONField(null=True)),
                ("reason", foundation.sealing.fields.SealedTextField()),
                ("signed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "signed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="templates_app.prompttemplate"
                    ),
                ),
                (
                    "used_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="templates_app.templateversion",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="overrides",
                        to="evaluation_app.suiterun",
                    ),
                ),
            ],
            options={
                "db_table": "evaluation_gate_overrides",
            },
        ),
        migrations.CreateModel(
            name="SuiteTest",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("position", models.PositiveSmallIntegerField()),
                ("on_trial", models.JSONField(default=list)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tests", to="evaluation_app.suiterun"
                    ),
                ),
                (
                    "test",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="in_suite",
                        to="evaluation_app.evaluationtest",
                    ),
                ),
            ],
            options={
                "db_table": "evaluation_suite_tests",
            },
        ),
        migrations.CreateModel(
            name="Baseline",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("margin", models.FloatField(default=0.0)),
                ("set_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "set_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="templates_app.prompttemplate"
                    ),
                ),
                (
                    "test",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="evaluation_app.evaluationtest",
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="evaluation_app.evaluationvariant",
                    ),
                ),
            ],
            options={
                "db_table": "evaluation_baselines",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("template",), name="one_baseline_a_template"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("margin__gte", 0), ("margin__lte", 1)), name="baseline_margin_is_a_share"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GateChange",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("label", models.CharField(max_length=50)),
                ("suite_name", models.CharField(max_length=255)),
                ("change", models.CharField(max_length=10)),
                ("rules", models.JSONField(default=dict)),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="templates_app.prompttemplate"
                    ),
                ),
            ],
            options={
                "db_table": "evaluation_gate_changes",
                "indexes": [models.Index(fields=["template", "label", "-id"], name="changes_of_a_gate")],
            },
        ),
        migrations.AddIndex(
            model_name="suite",
            index=models.Index(fields=["user", "-created_at", "-id"], name="suites_by_user"),
        ),
        migrations.AddIndex(
            model_name="suite",
            index=models.Index(
                condition=models.Q(("gate_label", ""), _negated=True),
                fields=["template", "gate_label"],
                name="gates_of_a_label",
            ),
        ),
        migrations.AddIndex(
            model_name="suite",
            index=models.Index(
                condition=models.Q(("next_at__isnull", False)), fields=["next_at"], name="suites_by_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="suite",
            constraint=models.CheckConstraint(
                condition=models.Q(("gate_label", ""), ("template__isnull", False), _connector="OR"),
                name="gate_has_a_template",
            ),
        ),
        migrations.AddConstraint(
            model_name="suite",
            constraint=models.CheckConstraint(
                condition=models.Q(("gate_margin__gte", 0), ("gate_margin__lte", 1)), name="gate_margin_is_a_share"
            ),
        ),
        migrations.AddIndex(
            model_name="suiterun",
            index=models.Index(fields=["suite", "-created_at", "-id"], name="runs_of_a_suite"),
        ),
        migrations.AddIndex(
            model_name="suiterun",
            index=models.Index(fields=["suite", "trial_hash", "-created_at"], name="runs_of_a_trial"),
        ),
        migrations.AddIndex(
            model_name="suiterun",
            index=models.Index(condition=models.Q(("status", "running")), fields=["status"], name="open_suite_runs"),
        ),
        migrations.AddConstraint(
            model_name="suiterun",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["running", "passed", "failed", "not_judged"])),
                name="suite_run_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="suiterun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "running")), fields=("suite", "trial_hash"), name="one_open_run_a_trial"
            ),
        ),
        migrations.AddConstraint(
            model_name="suiterun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("due_at__isnull", False)), fields=("suite", "due_at"), name="one_run_a_due_time"
            ),
        ),
        migrations.AddIndex(
            model_name="gateoverride",
            index=models.Index(fields=["template", "label", "-signed_at"], name="overrides_of_a_label"),
        ),
        migrations.AddConstraint(
            model_name="suitetest",
            constraint=models.UniqueConstraint(fields=("run", "position"), name="one_test_a_place"),
        ),
    ]
