"""By which API token a test, a question for cases and one for recommendations were asked for; and how much room in a
quota a test that rests waits for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("evaluation_app", "0017_paused_by_a_quota")]

    operations = [
        migrations.AddField(model_name=name, name="token_id", field=models.UUIDField(null=True, editable=False))
        for name in ("evaluationtest", "proposalask", "recommendationround")
    ] + [
        migrations.AddField("evaluationtest", "needed_tokens", models.BigIntegerField(null=True, editable=False)),
        migrations.AddField(
            "evaluationtest",
            "needed_cost",
            models.DecimalField(max_digits=20, decimal_places=8, null=True, editable=False),
        ),
    ]
