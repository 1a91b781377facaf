"""Every column of the database that can hold text, and which of them hold a word, opened where they are sealed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from django.apps import apps
from django.db import connection

from foundation.sealing.encryption import CannotDecrypt
from foundation.sealing.fields import SealedJSONField

OF_TEXT = ("text", "character varying", "character", "ARRAY", "json", "jsonb", "tsvector", "bytea", "inet", "xml")


def of_text() -> set[str]:
    """`table.column`, as the database itself tells them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name || '.' || column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND data_type = ANY(%s)",
            [list(OF_TEXT)],
        )
        return {name for (name,) in cursor.fetchall()}


def holding(words: Sequence[str]) -> set[str]:
    """Those in which one of the words stands."""
    return {column for column in of_text() if _is_in_clear(column, words)} | set(_sealed(words))


def _is_in_clear(name: str, words: Sequence[str]) -> bool:
    table, _, column = name.partition(".")
    with connection.cursor() as cursor:
        patterns = [f"%{word.lower()}%" for word in words]
        cursor.execute(
            f'SELECT EXISTS (SELECT FROM "{table}" WHERE lower("{column}"::text) LIKE ANY(%s))',
            [patterns],
        )
        return bool(cursor.fetchone()[0])


def _sealed(words: Sequence[str]) -> Iterator[str]:
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, SealedJSONField) and any(_opened(row, field, words) for row in _rows(model)):
                yield f"{model._meta.db_table}.{field.column}"


def _rows(model: Any) -> Any:
    return model._base_manager.all().iterator(chunk_size=100)


def _opened(row: Any, field: SealedJSONField, words: Sequence[str]) -> bool:
    value = row.__dict__.get(field.attname)
    try:
        text = orjson.dumps(field.opened(value, row)).decode().lower() if value is not None else ""
    except CannotDecrypt:
        return False
    return any(word.lower() in text for word in words)
