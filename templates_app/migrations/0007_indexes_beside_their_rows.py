"""A search reads many indexes: they stand in the rows as long as they fit, not behind a second look-up each."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("templates_app", "0006_label_approvals")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE prompt_templates ALTER COLUMN search SET STORAGE MAIN",
            "ALTER TABLE prompt_templates ALTER COLUMN search SET STORAGE EXTENDED",
        ),
    ]
