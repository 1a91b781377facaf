"""For migrations: a column that stood in clear becomes a sealed one of the same name, and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from django.db import migrations

from foundation.sealing.encryption import keyring
from foundation.sealing.fields import SealedJSONField, WideNumbers, place_of

BATCH: Final = 1_000


def seal(model: str, name: str, field: SealedJSONField, *, table: str, kind: str) -> list[Any]:
    """Operations that seal `model.name`; `kind` is what PostgreSQL has there now: text, varchar or jsonb.

    All in the migration's one transaction: who stops it finds everything as it was. Rows go in batches of their key.
    """
    beside = f"sealed_{name}"

    def forwards(apps: Any, schema_editor: Any) -> None:
        move(schema_editor.connection, table, source=f"{name}::text", target=f"{beside} = given.value", of=sealed)

    def sealed(key: Any, text: str) -> bytes | None:
        value = json.loads(text, cls=WideNumbers) if kind == "jsonb" else text
        return keyring().seal_json(value, place=place_of(table, key, name)) if value else None

    def backwards(apps: Any, schema_editor: Any) -> None:
        target = f"{name} = convert_from(given.value, 'UTF8')::{kind}"
        move(schema_editor.connection, table, source=beside, target=target, of=opened)

    def opened(key: Any, ciphertext: bytes) -> bytes:
        value = keyring().open_json(ciphertext, place=place_of(table, key, name))
        return (json.dumps(value) if kind == "jsonb" else str(value)).encode()

    return [
        migrations.AddField(model, beside, field),
        migrations.RunPython(forwards, backwards),
        migrations.RemoveField(model, name),
        migrations.RenameField(model, beside, name),
    ]


def move(connection: Any, table: str, *, source: str, target: str, of: Callable[[Any, Any], bytes | None]) -> None:
    """Sets `target` (which reads `given.value`) in every row where `of` makes something of its key and `source`."""
    update = f"""
        UPDATE {table} SET {target} FROM unnest(%s::uuid[], %s::bytea[]) AS given(id, value)
        WHERE {table}.id = given.id
    """  # noqa: S608 - names of a migration's own
    for batch in _batches(connection, table, source):
        made = [(key, value) for key, read in batch if (value := of(key, read)) is not None]
        if made:
            with connection.cursor() as cursor:
                cursor.execute(update, [[key for key, _ in made], [value for _, value in made]])
    with connection.cursor() as cursor:
        # A row that is updated twice in a transaction has its foreign keys looked at in the end; no column can be
        # dropped before that.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def _batches(connection: Any, table: str, source: str) -> Iterator[Sequence[tuple[Any, Any]]]:
    last = None
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id, {source} FROM {table} WHERE {source} IS NOT NULL"  # noqa: S608 - as above
                " AND (%s::uuid IS NULL OR id > %s::uuid) ORDER BY id LIMIT %s",
                [last, last, BATCH],
            )
            rows = cursor.fetchall()
        if not rows:
            return
        yield rows
        last = rows[-1][0]
