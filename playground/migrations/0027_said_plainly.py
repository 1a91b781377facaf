"""Tools behind an address and executions by the names that the pages have for them; no table is touched."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("playground", "0026_first_turns_tried_in_each_others_place"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="httptool",
            options={"verbose_name": "HTTP tool"},
        ),
        migrations.AlterModelOptions(
            name="promptexecution",
            options={"verbose_name": "execution"},
        ),
    ]
