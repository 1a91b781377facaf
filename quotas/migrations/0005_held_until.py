"""What is set aside in advance for executions that have no row until their answer comes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("quotas", "0004_mailed")]

    operations = [
        migrations.AddField(model_name="quotahold", name="held_until", field=models.DateTimeField(null=True)),
    ]
