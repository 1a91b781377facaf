"""Models of the catalogue by the name that the pages have for them; no table is touched."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("providers", "0005_transitions"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="cataloguemodel",
            options={"verbose_name": "model"},
        ),
    ]
