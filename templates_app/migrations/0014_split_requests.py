"""A split of a protected label can be asked for, and calls of a split be judged by scorers."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import foundation.sealing.fields


class Migration(migrations.Migration):
    dependencies = [
        ("templates_app", "0013_traffic_splits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="labelrequest",
            name="label_request_act_known",
        ),
        migrations.RemoveConstraint(
            model_name="labelrequest",
            name="label_request_names_a_version_to_move_to",
        ),
        migrations.AddField(
            model_name="labelrequest",
            name="terms",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="templatesplit",
            name="approved_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="templatesplit",
            name="scorers",
            field=foundation.sealing.fields.SealedJSONField(null=True),
        ),
        migrations.AlterField(
            model_name="labelrequest",
            name="act",
            field=models.CharField(
                choices=[("move", "Move"), ("remove", "Remove"), ("unprotect", "Unprotect"), ("split", "Split")],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="templatesplit",
            name="measure",
            field=models.CharField(
                choices=[
                    ("success", "Calls that succeed"),
                    ("rating", "What people rate"),
                    ("scores", "What scorers say"),
                ],
                default="success",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="labelrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("act__in", ["move", "remove", "unprotect", "split"])),
                name="label_request_act_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="labelrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("act__in", ("move", "split")), ("version__isnull", False)),
                    models.Q(models.Q(("act__in", ("move", "split")), _negated=True), ("version__isnull", True)),
                    _connector="OR",
                ),
                name="label_request_names_a_version_to_move_to",
            ),
        ),
        migrations.AddConstraint(
            model_name="labelrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("act", "split"), ("terms__isnull", False)),
                    models.Q(models.Q(("act", "split"), _negated=True), ("terms__isnull", True)),
                    _connector="OR",
                ),
                name="label_request_tells_how_to_split",
            ),
        ),
    ]
