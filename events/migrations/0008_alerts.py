"""Administrators are told of alerts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0007_weekly_report"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notification",
            name="kind",
            field=models.CharField(
                choices=[
                    ("label_moved", "A label is moved of a template of mine, or of one shared with me"),
                    ("split_ended", "A split of the traffic ends of such a template"),
                    ("approval_asked", "Somebody asks for something of a protected label that I may approve"),
                    ("request_decided", "What I asked of a protected label is decided"),
                    ("shared", "A template, a session or a test is shared with me"),
                    ("test_completed", "A test of mine has completed"),
                    ("test_failed", "A test of mine ends without completing"),
                    ("test_regressed", "A test of mine is worse than its baseline"),
                    ("suite_ended", "A run of a suite of mine has ended"),
                    ("quota", "A share of a limit of mine is used, or of what I see to"),
                    ("anomaly", "My use is unlike before, or that of what I see to"),
                    ("webhook_stopped", "A webhook of mine is stopped"),
                    ("alert", "An alert of the installation begins or is over, for administrators"),
                    ("error_returned", "An error of the service that was resolved is back, for administrators"),
                    ("model_retires", "A model retires that a template or a suite of mine asks"),
                    ("weekly_report", "My report of the week that is over, on Mondays"),
                ],
                max_length=30,
            ),
        ),
        migrations.AlterField(
            model_name="notificationpreference",
            name="kind",
            field=models.CharField(
                choices=[
                    ("label_moved", "A label is moved of a template of mine, or of one shared with me"),
                    ("split_ended", "A split of the traffic ends of such a template"),
                    ("approval_asked", "Somebody asks for something of a protected label that I may approve"),
                    ("request_decided", "What I asked of a protected label is decided"),
                    ("shared", "A template, a session or a test is shared with me"),
                    ("test_completed", "A test of mine has completed"),
                    ("test_failed", "A test of mine ends without completing"),
                    ("test_regressed", "A test of mine is worse than its baseline"),
                    ("suite_ended", "A run of a suite of mine has ended"),
                    ("quota", "A share of a limit of mine is used, or of what I see to"),
                    ("anomaly", "My use is unlike before, or that of what I see to"),
                    ("webhook_stopped", "A webhook of mine is stopped"),
                    ("alert", "An alert of the installation begins or is over, for administrators"),
                    ("error_returned", "An error of the service that was resolved is back, for administrators"),
                    ("model_retires", "A model retires that a template or a suite of mine asks"),
                    ("weekly_report", "My report of the week that is over, on Mondays"),
                ],
                max_length=30,
            ),
        ),
    ]
