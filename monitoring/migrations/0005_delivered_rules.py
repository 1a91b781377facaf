"""The rules that the service comes with, and what of rules and mutes is told to the audit log."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from audit.triggers import watched

RULES = (
    ("No worker lives", "workers_alive", "below", 1, 1, "critical"),
    ("The queue stands still", "queue_oldest", "above", 60, 5, "warning"),
    ("Events are not delivered", "outbox_oldest", "above", 300, 10, "warning"),
    ("Deliveries were given up", "outbox_parked", "above", 0, 0, "warning"),
    ("A provider fails", "breaker_open", "above", 0, 5, "warning"),
    ("The disk fills", "disk_free", "below", 10, 5, "critical"),
    ("Requests fail", "failed_burn", "above", 14.4, 0, "critical"),
    ("Requests are slow", "slow_burn", "above", 14.4, 0, "critical"),
    ("Threads wait for the database", "pool_waiting", "above", 0, 5, "warning"),
    ("Parts of samples cannot be told", "untold_parts", "above", 0, 10, "warning"),
    ("A new error of the service", "new_errors", "above", 0, 0, "warning"),
)


def deliver(apps: Any, schema_editor: Any) -> None:
    """Rules of these names that are there already stay as they are."""
    model = apps.get_model("monitoring", "AlertRule")
    columns = ("name", "figure", "comparison", "threshold", "minutes", "severity")
    rows = [model(**dict(zip(columns, rule, strict=True))) for rule in RULES]
    model.objects.using(schema_editor.connection.alias).bulk_create(rows, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("monitoring", "0004_alerts")]

    operations = [
        migrations.RunPython(deliver, migrations.RunPython.noop),
        watched(
            "alert_rules",
            kind="alert_rule",
            made="alert_rule_made",
            changed="alert_rule_changed",
            deleted="alert_rule_deleted",
            columns=("name", "figure", "provider", "comparison", "threshold", "minutes", "severity", "is_enabled"),
        ),
        watched("alerts", kind="alert", changed="alert_muted", columns=("muted_until",)),
    ]
