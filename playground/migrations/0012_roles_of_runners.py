from django.db import migrations, models


class Migration(migrations.Migration):
    """Old processes go on without saying a role: they are taken for web processes."""

    dependencies = [("playground", "0011_files_of_templates")]

    operations = [
        migrations.AddField("runnerlease", "role", models.CharField(max_length=10, default="web", db_default="web")),
    ]
