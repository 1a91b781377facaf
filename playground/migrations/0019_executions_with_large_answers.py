"""Executions whose answer is to be moved out of its row: an index that is empty but for the last minutes."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.lookups import GreaterThan


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("playground", "0018_large_answers")]

    operations = [
        AddIndexConcurrently(
            "promptexecution",
            models.Index(
                condition=models.Q(
                    GreaterThan(
                        models.Func(models.F("answer"), function="octet_length", output_field=models.IntegerField()),
                        65536,
                    )
                ),
                fields=["ended_at"],
                name="executions_with_large_answers",
            ),
        ),
    ]
