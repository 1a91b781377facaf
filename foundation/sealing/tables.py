"""Every table with sealed columns: found by the fields of the models, so that none can be forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, models

from foundation.sealing.fields import SealedJSONField


@dataclass(frozen=True, slots=True)
class SealedTable:
    """One table, with what SQL needs to walk it: rows that a manager hides are rows too."""

    name: str
    key: str
    key_type: str
    columns: tuple[str, ...]


def sealed_fields() -> Iterator[tuple[type[models.Model], list[SealedJSONField]]]:
    """Each model that has a table with sealed fields of its own, with these."""
    for model in apps.get_models(include_auto_created=True):
        fields = [field for field in model._meta.local_concrete_fields if isinstance(field, SealedJSONField)]
        if fields and not model._meta.proxy:
            yield model, fields


def sealed_tables() -> list[SealedTable]:
    """All of them, by name."""
    return sorted((_table(model, fields) for model, fields in sealed_fields()), key=lambda table: table.name)


def _table(model: type[models.Model], fields: list[SealedJSONField]) -> SealedTable:
    key = model._meta.pk
    columns = tuple(str(field.column) for field in fields)
    return SealedTable(model._meta.db_table, str(key.column), key.rel_db_type(connection) or "uuid", columns)
