"""JSON Schemas of users (draft 2020-12): judged when they come, applied by jsonschema-rs, whose patterns match in
linear time.

No schema loads another one, and none makes more work than `MOST_WORK`, whatever it is applied to: checks hold the
process up, and the library does not count what it does.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, NamedTuple, NoReturn

import jsonschema_rs
import orjson
import re2

from foundation.json_schema.reach import DEEPEST, InvalidSchema, Reach
from foundation.words import number

LARGEST_SCHEMA: Final = 64 * 1024
"""Bytes of JSON."""
MOST_AT_ONE_PLACE: Final = 20_000
"""Keywords and choices of the schema that may apply at one place of a value."""
MOST_WORK: Final = 50_000_000
"""Of these, at all places of a value together; a fraction of a second."""
UNKNOWN_PATTERN: Final = 5_000
"""What a pattern counts that RE2 does not know; one that is much larger is none for the library either."""
LONGEST_MESSAGE: Final = 300
_PATTERN_MEMORY: Final = 1 << 20


class TooMuch(ValueError):
    """The value is too large or too deep for this schema to be applied to it."""


class Misfit(NamedTuple):
    """Where a value does not fit: a JSON Pointer into it, the keyword that it breaks, and a sentence without it."""

    pointer: str
    keyword: str
    message: str


class Validator:
    """A schema that holds."""

    def __init__(self, schema: dict[str, Any]) -> None:
        reach = Reach(schema)
        self._at_one_place = reach.most(_keywords)
        self._a_character = reach.most(_patterns)
        if max(self._at_one_place, self._a_character) > MOST_AT_ONE_PLACE:
            raise InvalidSchema("The schema is too complex: too much of it applies at one place of a value.")
        try:
            self._validator = jsonschema_rs.Draft202012Validator(
                schema,
                mask="the value",
                retriever=_refuse,
                pattern_options=jsonschema_rs.RegexOptions(size_limit=_PATTERN_MEMORY, dfa_size_limit=_PATTERN_MEMORY),
            )
        except jsonschema_rs.ValidationError as error:
            raise InvalidSchema(f"No JSON Schema: {_short(error.message)}", _path(error.instance_path)) from None
        except (jsonschema_rs.ReferencingError, ValueError) as error:
            raise InvalidSchema(f"No JSON Schema: {error}") from None

    def misfit(self, value: Any) -> Misfit | None:
        """The first place where `value` does not fit, None when it does; raises TooMuch."""
        places, characters = _size(value)
        if self._at_one_place * places + self._a_character * characters > MOST_WORK:
            raise TooMuch("The value is too large to be checked against this schema.")
        if self._validator.is_valid(value):
            return None
        try:
            self._validator.validate(value)
        except jsonschema_rs.ValidationError as error:
            pointer = "".join(f"/{_escaped(step)}" for step in error.instance_path)
            return Misfit(pointer, _keyword(error), _short(error.message))
        return None


def validator_of(schema: Any) -> Validator:
    """What applies `schema`; raises InvalidSchema."""
    if not isinstance(schema, dict):
        raise InvalidSchema("A JSON Schema is an object.")
    try:
        text = orjson.dumps(schema, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        raise InvalidSchema("The schema is no JSON, or nested too deep.") from None
    if len(text) > LARGEST_SCHEMA:
        raise InvalidSchema(f"A schema is taken up to {number(LARGEST_SCHEMA)} bytes.")
    return _compiled(text)


@lru_cache(maxsize=256)
def _compiled(text: bytes) -> Validator:
    return Validator(orjson.loads(text))


def _refuse(uri: str) -> NoReturn:
    raise ValueError(f"{uri} lies outside of this schema")


def _keywords(part: dict[str, Any]) -> int:
    choices = sum(len(part[name]) for name in ("enum", "required") if isinstance(part.get(name), list))
    return 1 + len(part) + choices


def _patterns(part: dict[str, Any]) -> int:
    named = part.get("patternProperties")
    found = [*(named if isinstance(named, dict) else ()), part.get("pattern")]
    return sum(_size_of_pattern(pattern) for pattern in found if isinstance(pattern, str))


@lru_cache(maxsize=512)
def _size_of_pattern(pattern: str) -> int:
    options = re2.Options()
    options.max_mem, options.log_errors = _PATTERN_MEMORY, False
    try:
        return int(re2.compile(pattern, options).programsize)
    except (re2.error, UnicodeError):
        return UNKNOWN_PATTERN


def _size(value: Any) -> tuple[int, int]:
    """Places and characters of a JSON value; raises TooMuch beyond `DEEPEST` levels."""
    places = characters = 0
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise TooMuch(f"Nesting is checked up to {DEEPEST} levels.")
        places += len(level)
        below: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                below += each.values()
                characters += sum(map(len, each))
            elif isinstance(each, list):
                below += each
            elif isinstance(each, str):
                characters += len(each)
        level = below
    return places, characters


def _keyword(error: jsonschema_rs.ValidationError) -> str:
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.FalseSchema):
        return "false"
    return next((step for step in reversed(error.schema_path) if isinstance(step, str)), "")


def _escaped(step: str | int) -> str:
    """A step of a JSON Pointer (RFC 6901, section 3)."""
    return str(step).replace("~", "~0").replace("/", "~1")


def _path(steps: Any) -> tuple[str, ...]:
    return tuple(str(step) for step in steps)


def _short(message: str) -> str:
    return message if len(message) <= LONGEST_MESSAGE else f"{message[: LONGEST_MESSAGE - 1]}…"
