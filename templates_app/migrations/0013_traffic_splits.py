"""Splits of a label's traffic; writes to them are told to the audit log."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from audit.triggers import watched


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
        ("templates_app", "0012_audited"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TemplateSplit",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("label", models.CharField(max_length=50)),
                ("share", models.PositiveSmallIntegerField()),
                (
                    "measure",
                    models.CharField(
                        choices=[("success", "Calls that succeed"), ("rating", "What people rate")],
                        default="success",
                        max_length=10,
                    ),
                ),
                ("promotes", models.BooleanField(default=False)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("worse", "the candidate was shown to be worse"),
                            ("better", "the candidate was shown to be better"),
                            ("label_moved", "the label was moved or taken away"),
                            ("stopped", "somebody stopped it"),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                (
                    "candidate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="templates_app.templateversion",
                    ),
                ),
                (
                    "control",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="templates_app.templateversion",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "started_by",
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
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="splits",
                        to="templates_app.prompttemplate",
                    ),
                ),
            ],
            options={
                "db_table": "template_splits",
            },
        ),
        migrations.AddField(
            model_name="templatelabel",
            name="split",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="templates_app.templatesplit",
            ),
        ),
        migrations.AddIndex(
            model_name="templatesplit",
            index=models.Index(fields=["template", "label", "-started_at"], name="splits_of_a_label"),
        ),
        migrations.AddConstraint(
            model_name="templatesplit",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("template", "label"), name="one_running_split_per_label"
            ),
        ),
        migrations.AddConstraint(
            model_name="templatesplit",
            constraint=models.CheckConstraint(
                condition=models.Q(("share__gte", 1), ("share__lte", 99)), name="split_share_in_percent"
            ),
        ),
        migrations.AddConstraint(
            model_name="templatesplit",
            constraint=models.CheckConstraint(
                condition=models.Q(("control", models.F("candidate")), _negated=True), name="split_between_two_versions"
            ),
        ),
        watched(
            "template_splits",
            kind="template",
            made="split_started",
            changed="split_changed",
            columns=["label", "control_id", "candidate_id", "share", "ended_at", "outcome"],
            identified_by="template_id",
        ),
    ]
