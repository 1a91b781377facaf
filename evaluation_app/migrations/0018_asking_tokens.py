"""By which API token a test, a question for cases and one for recommendations were asked for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("evaluation_app", "0017_paused_by_a_quota")]

    operations = [
        migrations.AddField(model_name=name, name="token_id", field=models.UUIDField(null=True, editable=False))
        for name in ("evaluationtest", "proposalask", "recommendationround")
    ]
