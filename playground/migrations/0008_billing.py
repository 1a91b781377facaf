"""How a cost came about: a column that the code of before leaves empty, as it stays for what was billed before."""

from django.db import migrations, models

from foundation.sealing.fields import WideNumbers


class Migration(migrations.Migration):
    dependencies = [("playground", "0007_seal_what_people_wrote")]

    operations = [migrations.AddField("promptexecution", "billing", models.JSONField(null=True, decoder=WideNumbers))]
