import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import foundation.sealing.fields

NAMES = (("ExecutionComment", "author"), ("ExecutionRating", "user"), ("ComparisonVote", "user"))


def forget_what_is_nobodys(apps, schema_editor):
    """On the way back: a column that must name a user has no place for those whom only a file names."""
    for model, column in NAMES:
        apps.get_model("playground", model).objects.filter(**{column: None}).delete()


def somebody(related_name="+"):
    return models.ForeignKey(
        null=True, on_delete=django.db.models.deletion.CASCADE, related_name=related_name, to=settings.AUTH_USER_MODEL
    )


class Migration(migrations.Migration):
    """Ratings, comments and votes of people whom an import names; old processes go on beside it."""

    dependencies = [("playground", "0012_roles_of_runners")]

    operations = [
        migrations.AddField("comparison", "copy_of", models.UUIDField(null=True)),
        migrations.AddField(
            "executioncomment", "imported_author", foundation.sealing.fields.SealedJSONField(null=True)
        ),
        migrations.AddField("executionrating", "imported_author", foundation.sealing.fields.SealedJSONField(null=True)),
        migrations.AlterField("comparisonvote", "user", somebody()),
        migrations.AlterField("executioncomment", "author", somebody()),
        migrations.AlterField("executionrating", "user", somebody()),
        migrations.RunPython(migrations.RunPython.noop, forget_what_is_nobodys),
    ]
