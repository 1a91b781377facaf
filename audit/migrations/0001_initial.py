import django.contrib.postgres.fields
import django.db.models.functions.datetime
from django.db import migrations, models

from audit.triggers import REFUSE, REFUSE_NO_MORE, WAIT, WAIT_NO_MORE, WRITE, WRITE_NO_MORE


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="WaitingEntry",
            fields=[
                ("entry_id", models.BigIntegerField(primary_key=True, serialize=False)),
            ],
            options={
                "db_table": "audit_waiting",
            },
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("organisation", models.CharField(blank=True, db_default="", max_length=255)),
                ("actor", models.UUIDField(null=True)),
                ("by", models.CharField(db_default="database", max_length=60)),
                ("act", models.CharField(max_length=40)),
                ("kind", models.CharField(max_length=40)),
                ("object_id", models.CharField(db_default="", max_length=255)),
                ("concerns", models.CharField(blank=True, db_default="", max_length=40)),
                (
                    "fields",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=63), default=list, size=None
                    ),
                ),
                ("address", models.CharField(blank=True, db_default="", max_length=45)),
                ("request_id", models.CharField(blank=True, db_default="", max_length=64)),
            ],
            options={
                "verbose_name_plural": "audit entries",
                "db_table": "audit_entries",
                "indexes": [
                    models.Index(fields=["actor", "-id"], name="audit_by_actor"),
                    models.Index(fields=["kind", "object_id", "-id"], name="audit_by_object"),
                    models.Index(fields=["act", "-id"], name="audit_by_act"),
                    models.Index(fields=["at"], name="audit_by_time"),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditLink",
            fields=[
                ("entry_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("organisation", models.CharField(blank=True, max_length=255)),
                ("number", models.BigIntegerField()),
                ("hash", models.BinaryField(max_length=32)),
            ],
            options={
                "db_table": "audit_links",
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "number"), name="one_audit_link_a_number")
                ],
            },
        ),
        migrations.RunSQL(REFUSE, REFUSE_NO_MORE),
        migrations.RunSQL(WAIT, WAIT_NO_MORE),
        migrations.RunSQL(WRITE, WRITE_NO_MORE),
    ]
