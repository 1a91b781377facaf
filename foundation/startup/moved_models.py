"""Models that move to another app keep their tables; what Django knows of them by the app's name moves with them."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def content_types_of(*models: str, moved: tuple[str, str]) -> migrations.RunPython:
    """The step by which permissions and the admin's log stay with models that went from one app to another."""
    old, new = moved

    def to(label: str, other: str) -> Any:
        def rename(apps: Any, schema_editor: Any) -> None:
            known = apps.get_model("contenttypes", "ContentType").objects.using(schema_editor.connection.alias)
            known.filter(app_label=other, model__in=models).update(app_label=label)

        return rename

    return migrations.RunPython(to(new, old), to(old, new))
