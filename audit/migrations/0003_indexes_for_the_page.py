from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Not in a transaction: the log is written to meanwhile."""

    atomic = False

    dependencies = [("audit", "0002_cuts_checks_and_heads")]

    operations = [
        AddIndexConcurrently("auditentry", models.Index(fields=["organisation", "-id"], name="audit_by_organisation")),
        AddIndexConcurrently("auditentry", models.Index(fields=["by", "-id"], name="audit_by_way")),
        AddIndexConcurrently("auditentry", models.Index(fields=["address", "-id"], name="audit_by_address")),
    ]
