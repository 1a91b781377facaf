"""Templates by the name that the pages have for them; no table is touched."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("templates_app", "0014_split_requests"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="prompttemplate",
            options={"verbose_name": "template"},
        ),
    ]
