"""What a session's history is filtered by, in its own index; made while executions go on."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("playground", "0003_conversations_comparisons_remarks")]

    operations = [
        AddIndexConcurrently(
            model_name="promptexecution",
            index=models.Index(
                fields=["session", "-created_at", "-id"],
                include=["status", "model_id", "estimated_cost"],
                name="executions_in_history",
            ),
        ),
        AddIndexConcurrently(
            model_name="promptexecution",
            index=models.Index(
                fields=["session", "-created_at", "-id"],
                condition=models.Q(metadata__has_key="tags"),
                name="tagged_executions",
            ),
        ),
        RemoveIndexConcurrently(model_name="promptexecution", name="executions_by_session"),
    ]
