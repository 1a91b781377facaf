"""Names for comparisons, sealed like all that people write; the old code runs on without them."""

from django.db import migrations

from foundation.sealing.fields import SealedTextField


class Migration(migrations.Migration):
    dependencies = [("playground", "0023_index_of_usage_without_a_price")]

    operations = [migrations.AddField("comparison", "name", SealedTextField())]
