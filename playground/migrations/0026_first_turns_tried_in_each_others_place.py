"""What was run again is found by what it was run again from: first turns that were tried in each other's place."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.fields.json import KT


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("playground", "0025_defaults")]

    operations = [
        AddIndexConcurrently(
            model_name="promptexecution",
            index=models.Index(
                KT("metadata__replay_of"),
                condition=models.Q(metadata__has_key="replay_of"),
                name="executions_by_replayed",
            ),
        ),
    ]
