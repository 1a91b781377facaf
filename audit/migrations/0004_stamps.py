from django.db import migrations, models

from audit.triggers import STAMP, STAMP_NO_MORE


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0003_indexes_for_the_page"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditStamp",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("document", models.TextField()),
                ("response", models.BinaryField()),
            ],
            options={
                "db_table": "audit_stamps",
            },
        ),
        migrations.CreateModel(
            name="AuditStampCheck",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("number", models.BigIntegerField(default=0)),
                ("ended_at", models.DateTimeField(null=True)),
                ("length", models.BigIntegerField(default=0)),
                ("fault", models.TextField(blank=True, default="")),
            ],
            options={
                "db_table": "audit_stamp_checks",
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="one_audit_stamp_check")],
            },
        ),
        migrations.RunSQL(STAMP, STAMP_NO_MORE),
    ]
