"""Every sealed cell of the database: which keys they need, and how they are sealed anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.apps import apps
from django.db import models

from foundation.sealing.encryption import HEADER, VERSION, CannotDecrypt, keyring
from foundation.sealing.fields import Sealed, SealedJSONField
from foundation.sealing.files.resealing import needed_keys

BATCH: Final = 500
NAMED: Final = 20
"""Rows that an error names."""
KEY_ID_IN_SQL: Final = f"encode(substring(%(expressions)s from {len(VERSION) + 1} for {HEADER - len(VERSION)}), 'hex')"


def sealed_fields() -> Iterator[tuple[type[models.Model], list[SealedJSONField]]]:
    """Each model that has sealed fields, with these."""
    for model in apps.get_models():
        fields = [field for field in model._meta.concrete_fields if isinstance(field, SealedJSONField)]
        if fields:
            yield model, fields


def missing_keys() -> set[str]:
    """Ids (hexadecimal) of keys that some row or file needs and ENCRYPTION_KEYS does not hold."""
    known = {key.hex() for key in keyring().key_ids}
    needed = needed_keys()
    for model, fields in sealed_fields():
        for field in fields:
            key_id = models.Func(models.F(field.name), template=KEY_ID_IN_SQL, output_field=models.CharField())
            rows = model._default_manager.filter(**{f"{field.name}__isnull": False})
            needed.update(rows.annotate(key_id=key_id).order_by().values_list("key_id", flat=True).distinct())
    return needed - known


def reseal() -> int:
    """Seals every cell that another key sealed with the current one; gives the number of rows.

    Goes in key order and batch by batch, each row in a statement of its own that changes only what it
    has read, so that it may be killed and started again, and run under load. A row that cannot be opened keeps
    no other from its new key; when all are done, CannotDecrypt names those that are left.
    """
    left: list[str] = []
    count = sum(_reseal_model(model, fields, left) for model, fields in sealed_fields())
    if left:
        raise CannotDecrypt(f"{count} rows sealed; {len(left)} cannot be opened: {', '.join(left[:NAMED])}")
    return count


def _reseal_model(model: type[models.Model], fields: list[SealedJSONField], left: list[str]) -> int:
    count, last = 0, None
    rows = model._default_manager.order_by("pk")
    while batch := list((rows.filter(pk__gt=last) if last is not None else rows)[:BATCH]):
        for row in batch:
            try:
                count += _reseal_row(row, fields)
            except CannotDecrypt:
                left.append(f"{model._meta.db_table}/{row.pk}")
        last = batch[-1].pk
    return count


def _reseal_row(row: models.Model, fields: list[SealedJSONField]) -> bool:
    old: dict[str, Any] = {field.attname: row.__dict__[field.attname] for field in fields}
    stale = {name: value for name, value in old.items() if value is not None and not value.startswith(keyring().prefix)}
    if not stale:
        return False
    new = {}
    for field in fields:
        if field.attname in stale:
            place = field.place(row)
            new[field.attname] = Sealed(keyring().seal(keyring().open(stale[field.attname], place=place), place=place))
    # Somebody may have written meanwhile, with the current key: then nothing is to do.
    return bool(type(row)._default_manager.filter(pk=row.pk, **stale).update(**new))
