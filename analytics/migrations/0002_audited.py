"""That an anomaly was dismissed is told to the audit log."""

from django.db import migrations

from audit.triggers import watched


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("analytics", "0001_usage_and_anomalies")]

    operations = [
        watched("anomalies", kind="anomaly", columns=("dismissed_at",), turn=("dismissed_at", "anomaly_dismissed", ""))
    ]
