"""What names are ordered by stands in the row: a long list is ordered without making it for each."""

from django.db import migrations, models

from foundation.search.ordering import name_key


class Migration(migrations.Migration):
    dependencies = [("templates_app", "0007_indexes_beside_their_rows")]

    operations = [
        migrations.AddField(
            model_name="prompttemplate",
            name="name_order",
            field=models.GeneratedField(
                expression=name_key("name"), output_field=models.TextField(db_collation="C"), db_persist=True
            ),
        ),
    ]
