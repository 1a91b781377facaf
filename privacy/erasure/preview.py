"""What an erasure would go through, before anything is done: the rows that are tied to the person, by table."""

from __future__ import annotations

from django.apps import apps
from django.db.models import ForeignKey

from accounts.models import User
from privacy.erasure.steps import kept_for_others


def preview(subject: User) -> dict[str, int]:
    """Rows by table and column that lead to the person; what others use, and stays, apart."""
    told: dict[str, int] = {}
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        for field in model._meta.concrete_fields:
            if isinstance(field, ForeignKey) and field.related_model is User:
                rows = model._default_manager.filter(**{field.attname: subject.id})
                if count := rows.count():
                    told[f"{table} ({field.name})"] = count
                kept = rows.filter(pk__in=kept_for_others(model, subject.id)).count()
                if kept:
                    told[f"{table} ({field.name}), kept for others"] = kept
    return told
