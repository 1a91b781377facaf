"""Why a test rests though nobody paused it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("evaluation_app", "0016_audited")]

    operations = [
        migrations.AddField(
            model_name="evaluationtest",
            name="pause_reason",
            field=models.CharField(blank=True, db_default="", default="", max_length=20),
        ),
    ]
