"""Organisations, and whose teams are."""

import uuid

import django.utils.timezone
from django.db import migrations, models

import accounts.models
from audit.triggers import watched


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_audited")]

    operations = [
        migrations.CreateModel(
            name="Organisation",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=255, unique=True)),
                ("name", models.CharField(blank=True, max_length=255)),
                (
                    "time_zone",
                    models.CharField(default="UTC", max_length=64, validators=[accounts.models.check_time_zone]),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={"db_table": "organisations"},
        ),
        migrations.AddField(
            model_name="team",
            name="organisation",
            field=models.CharField(blank=True, db_default="", default="", max_length=255),
        ),
        watched(
            "organisations",
            kind="organisation",
            made="organisation_made",
            changed="organisation_changed",
            deleted="organisation_deleted",
            columns=["key", "name", "time_zone"],
        ),
    ]
