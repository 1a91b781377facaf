"""Executions by their time: for bills, hourly figures and retention, which read spans of it."""

from django.contrib.postgres.indexes import BrinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("playground", "0013_imported_feedback")]

    operations = [
        AddIndexConcurrently(
            "promptexecution",
            BrinIndex(fields=["created_at"], autosummarize=True, name="executions_by_time"),
        ),
    ]
