"""Files that versions of templates name are kept with them; those that are there name theirs already."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID

import django.db.models.deletion
from django.db import migrations, models

from foundation.sealing.encryption import CannotDecrypt


def tie(apps: Any, schema_editor: Any) -> None:
    """Each version's files of its own author; what an author was sent by others is theirs already in executions."""
    attachments = apps.get_model("playground", "Attachment").objects
    if not attachments.exists():
        return
    rows = apps.get_model("playground", "AttachmentInVersion").objects
    for version in apps.get_model("templates_app", "TemplateVersion").objects.iterator(chunk_size=500):
        try:
            named = set(ids_in(version.sealed))
        except CannotDecrypt:
            continue  # nobody can render it either
        if named:
            own = attachments.filter(id__in=named, user_id=version.author_id)
            rows.bulk_create(rows.model(attachment=each, version=version) for each in own)


def ids_in(value: Any) -> Iterator[UUID]:
    if isinstance(value, list):
        for each in value:
            yield from ids_in(each)
    elif isinstance(value, dict):
        with suppress(KeyError, ValueError, TypeError, AttributeError):  # no file of ours
            yield UUID(value["artifact_id"])
        for each in value.values():
            yield from ids_in(each)


class Migration(migrations.Migration):
    dependencies = [
        ("playground", "0010_sealed_files"),
        ("templates_app", "0005_slug_once_per_owner"),
    ]

    operations = [
        migrations.CreateModel(
            name="AttachmentInVersion",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "attachment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="playground.attachment"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="templates_app.templateversion",
                    ),
                ),
            ],
            options={
                "db_table": "attachments_in_versions",
                "constraints": [
                    models.UniqueConstraint(fields=("version", "attachment"), name="one_naming_per_version")
                ],
            },
        ),
        migrations.RunPython(tie, migrations.RunPython.noop),
    ]
