"""JSON Schemas of users: checked and applied by jsonschema-rs, whose patterns match in linear time.

No schema loads another one: a reference that leaves the document is refused.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, NoReturn

import jsonschema_rs
import orjson

LARGEST_SCHEMA: Final = 64 * 1024
"""Bytes of JSON."""


class InvalidSchema(ValueError):
    """The schema is none, or asks for another document."""


def validator_of(schema: Any) -> jsonschema_rs.Draft202012Validator:
    """What applies `schema`; raises InvalidSchema."""
    if not isinstance(schema, dict):
        raise InvalidSchema("A JSON Schema is an object.")
    text = orjson.dumps(schema, option=orjson.OPT_SORT_KEYS)
    if len(text) > LARGEST_SCHEMA:
        raise InvalidSchema(f"A schema is taken up to {LARGEST_SCHEMA} bytes.")
    return _compiled(text)


@lru_cache(maxsize=256)
def _compiled(text: bytes) -> jsonschema_rs.Draft202012Validator:
    try:
        return jsonschema_rs.Draft202012Validator(
            orjson.loads(text),
            retriever=_refuse,
            pattern_options=jsonschema_rs.RegexOptions(size_limit=1 << 20, dfa_size_limit=1 << 20),
        )
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        raise InvalidSchema(f"No JSON Schema: {getattr(error, 'message', error)}") from None


def _refuse(uri: str) -> NoReturn:
    raise ValueError(f"{uri} lies outside of this schema")


def first_error(schema: Any, value: Any) -> str | None:
    """What is wrong with `value`, with its place; None when it fits."""
    for error in validator_of(schema).iter_errors(value):
        place = ".".join(map(str, error.instance_path))
        return f"{place}: {error.message}" if place else str(error.message)
    return None
