"""Slugs, filled from names, and what versions refer to. Old code goes on: it leaves slugs empty."""

import django.db.models.deletion
from django.db import migrations, models
from django.utils.text import slugify


def fill(apps, schema_editor):
    Template = apps.get_model("templates_app", "PromptTemplate")
    taken = set()
    for template in (
        Template.objects.filter(slug=None).order_by("owner_id", "created_at", "id").only("id", "owner_id", "name")
    ):
        base = "-".join(part for part in slugify(template.name)[:92].replace("_", "-").split("-") if part) or "template"
        slug, number = base, 1
        while (template.owner_id, slug) in taken:
            number += 1
            slug = f"{base}-{number}"
        taken.add((template.owner_id, slug))
        Template.objects.filter(id=template.id).update(slug=slug)


class Migration(migrations.Migration):
    dependencies = [("templates_app", "0003_seal_what_people_wrote")]

    operations = [
        migrations.AddField("prompttemplate", "slug", models.CharField(max_length=100, null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.CreateModel(
            name="TemplatePartial",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("reference", models.CharField(max_length=160)),
                ("text_hash", models.CharField(max_length=64)),
                (
                    "partial",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="used_by",
                        to="templates_app.prompttemplate",
                    ),
                ),
                (
                    "then",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="templates_app.templateversion",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="partials",
                        to="templates_app.templateversion",
                    ),
                ),
            ],
            options={"db_table": "template_partials"},
        ),
        migrations.AddConstraint(
            "templatepartial",
            models.UniqueConstraint(fields=("version", "reference"), name="one_meaning_per_reference"),
        ),
    ]
