"""An owner has each slug once; by itself, since a table that was just written to cannot be given an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("templates_app", "0004_slugs_and_partials")]

    operations = [
        migrations.AddConstraint(
            "prompttemplate", models.UniqueConstraint(fields=("owner", "slug"), name="one_slug_per_owner")
        ),
    ]
