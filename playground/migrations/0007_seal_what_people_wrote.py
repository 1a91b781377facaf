"""Parameters, error messages and callers' own metadata are sealed; docs/decisions/016-what-is-sealed.md."""

import json
from typing import Any

import orjson
from django.db import migrations

from foundation.sealing.encryption import keyring
from foundation.sealing.fields import SealedJSONField, SealedTextField, WideNumbers, place_of
from foundation.sealing.migrating import move, seal

TABLE = "prompt_executions"
OURS = (
    "request_id", "cached", "time_to_first_token", "attempts", "finish_reason", "usage_source", "price_known",
    "dropped_parameters", "provider", "fallback_from", "answered_model", "replay_of", "forked_from", "imported_from",
)  # fmt: skip
"""What the service has noted itself; `tags` are the caller's, and stay for the filter."""


def split(metadata: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    tags = metadata.get("tags")
    are_tags = isinstance(tags, list) and all(isinstance(tag, str) and len(tag) <= 100 for tag in tags)
    plain = {name: value for name, value in metadata.items() if name in OURS or (name == "tags" and are_tags)}
    return plain, {name: value for name, value in metadata.items() if name not in plain}


def take_notes(apps: Any, schema_editor: Any) -> None:
    def notes_of(key: Any, text: str) -> bytes | None:
        _, notes = split(json.loads(text, cls=WideNumbers))
        return keyring().seal_json(notes, place=place_of(TABLE, key, "notes")) if notes else None

    def rest_of(key: Any, text: str) -> bytes | None:
        plain, notes = split(json.loads(text, cls=WideNumbers))
        return orjson.dumps(plain) if notes else None

    connection = schema_editor.connection
    move(connection, TABLE, source="metadata::text", target="notes = given.value", of=notes_of)
    target = "metadata = convert_from(given.value, 'UTF8')::jsonb"
    move(connection, TABLE, source="metadata::text", target=target, of=rest_of)


def put_notes_back(apps: Any, schema_editor: Any) -> None:
    def opened(key: Any, ciphertext: bytes) -> bytes:
        return json.dumps(keyring().open_json(ciphertext, place=place_of(TABLE, key, "notes"))).encode()

    target = "metadata = convert_from(given.value, 'UTF8')::jsonb || metadata"
    move(schema_editor.connection, TABLE, source="notes", target=target, of=opened)


class Migration(migrations.Migration):
    dependencies = [("playground", "0006_engine_of_every_process")]

    operations = [
        *seal("promptexecution", "parameters", SealedJSONField(empty=dict), table=TABLE, kind="jsonb"),
        *seal("promptexecution", "error_message", SealedTextField(), table=TABLE, kind="text"),
        migrations.AddField("promptexecution", "notes", SealedJSONField(empty=dict)),
        migrations.RunPython(take_notes, put_notes_back),
    ]
