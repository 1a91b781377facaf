from django.db import migrations, models

from audit.triggers import CUT, CUT_NO_MORE


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditCheck",
            fields=[
                ("organisation", models.CharField(blank=True, max_length=255, primary_key=True, serialize=False)),
                ("number", models.BigIntegerField(default=0)),
                ("hash", models.BinaryField(max_length=32, null=True)),
                ("published", models.BigIntegerField(default=0)),
                ("began_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("length", models.BigIntegerField(default=0)),
                ("fault", models.TextField(blank=True, default="")),
            ],
            options={
                "db_table": "audit_checks",
            },
        ),
        migrations.CreateModel(
            name="AuditCut",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("organisation", models.CharField(blank=True, max_length=255)),
                ("number", models.BigIntegerField()),
                ("hash", models.BinaryField(max_length=32)),
                ("at", models.DateTimeField()),
                ("signature", models.CharField(max_length=200)),
            ],
            options={
                "db_table": "audit_cuts",
            },
        ),
        migrations.CreateModel(
            name="AuditPublication",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("destination", models.CharField(max_length=20)),
                ("organisation", models.CharField(blank=True, max_length=255)),
                ("number", models.BigIntegerField(default=0)),
                ("at", models.DateTimeField(null=True)),
                ("failed_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, default="", max_length=200)),
            ],
            options={
                "db_table": "audit_publications",
            },
        ),
        migrations.AddConstraint(
            model_name="auditcut",
            constraint=models.UniqueConstraint(fields=("organisation", "number"), name="one_audit_cut_a_number"),
        ),
        migrations.AddConstraint(
            model_name="auditpublication",
            constraint=models.UniqueConstraint(
                fields=("destination", "organisation"), name="one_audit_publication_a_chain"
            ),
        ),
        migrations.RunSQL(CUT, CUT_NO_MORE),
    ]
