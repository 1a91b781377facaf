"""Structured output where a wire takes less of JSON Schema than was asked for: its subset, or the schema in words.

The answer is judged by the whole schema afterwards, whatever the provider was told of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

OPENAI_WITHOUT_SCHEMA: Final = re.compile(r"(?:^|[/:])(?:gpt-3\.5|gpt-4(?:$|-(?!o))|gpt-4o-2024-05-13)")
"""Models older than gpt-4o-2024-08-06 (guide "Structured model outputs", "Structured Outputs vs JSON mode")."""
OPENAI_WITH_JSON_MODE: Final = re.compile(r"gpt-3\.5|gpt-4-(?:turbo|1106|0125)|gpt-4o")
CLAUDE_WITHOUT_SCHEMA: Final = re.compile(
    r"claude-(?:[0-3](?!\d)|instant|v\d|(?:opus|sonnet|haiku)-(?:[0-3]|4(?:$|@|-0|-20\d{6})))"
)
"""Models older than Opus 4.1 and Sonnet 4.5 (guide "Structured outputs", "Model availability")."""

_STRICT_KEYWORDS: Final = frozenset(
    {"$schema", "$defs", "$ref", "type", "properties", "required", "additionalProperties", "items", "anyOf", "enum"}
    | {"const", "title", "description"}
)
_CLAUDE_KEYWORDS: Final = _STRICT_KEYWORDS | {"allOf", "default", "format", "minItems"}
_CLAUDE_FORMATS: Final = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"}
)
_ABOUT_VALUES: Final = frozenset(
    {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern"}
    | {"minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "format", "examples", "$comment"}
)
"""Keywords that can be told in a description instead: none of them decides what the answer is made of."""
_MAPS: Final = ("properties", "$defs")
_LISTS: Final = ("anyOf", "allOf")


class NotExpressible(ValueError):
    """The wire's subset has no word for what the schema says."""


def in_words(schema: Mapping[str, Any]) -> str:
    """The schema as a sentence to a model that takes none."""
    return f"Answer with JSON that fits this JSON Schema, and with nothing else:\n{orjson.dumps(schema).decode()}"


def is_strict(schema: Mapping[str, Any]) -> bool:
    """Whether OpenAI can hold its model to the schema (guide "Structured model outputs", "Supported schemas").

    Its root is an object; every object closes its properties and requires them all.
    """
    return schema.get("type") == "object" and all(map(_is_strict_part, _parts(schema)))


def _is_strict_part(part: Mapping[str, Any]) -> bool:
    if part.keys() - _STRICT_KEYWORDS:
        return False
    kind = part.get("type")
    if kind != "object" and not (isinstance(kind, list) and "object" in kind):
        return bool(part.keys() & {"type", "$ref", "anyOf", "enum", "const"})
    named = part.get("properties")
    required = part.get("required", [])
    return part.get("additionalProperties") is False and isinstance(named, dict) and set(named) == set(required)


def for_claude(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema in Anthropic's subset, as its SDKs make it: objects closed, what is not known told in descriptions
    (guide "Structured outputs", "JSON Schema limitations").

    Raises NotExpressible where that would ask for something else: a recursion, an object with names of its own.
    """
    if _is_recursive(schema):
        raise NotExpressible("recursion")
    return _closed(schema)


def _closed(part: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: part[name] for name in part if name in _ABOUT_VALUES and not _is_known_to_claude(name, part[name])}
    if unknown := part.keys() - _CLAUDE_KEYWORDS - _ABOUT_VALUES - {"oneOf"}:
        raise NotExpressible(", ".join(sorted(unknown)))
    kept = {name: value for name, value in part.items() if name in _CLAUDE_KEYWORDS and name not in told}
    for name in _MAPS:
        if name in kept:
            kept[name] = {key: _closed_or_refused(inner) for key, inner in kept[name].items()}
    if "oneOf" in part:
        kept["anyOf"] = [*kept.get("anyOf", ()), *part["oneOf"]]
    for name in _LISTS:
        if name in kept:
            kept[name] = [_closed_or_refused(inner) for inner in kept[name]]
    if "items" in kept:
        kept["items"] = _closed_or_refused(kept["items"])
    if _is_object(kept):
        if kept.get("additionalProperties", False) is not False or not kept.get("properties"):
            raise NotExpressible("additionalProperties")
        kept["additionalProperties"] = False
    if told:
        sentence = orjson.dumps(told).decode()
        kept["description"] = f"{kept['description']}\n\n{sentence}" if kept.get("description") else sentence
    return kept


def _closed_or_refused(part: Any) -> dict[str, Any]:
    if not isinstance(part, dict):
        raise NotExpressible("true or false as a schema")
    return _closed(part)


def _is_known_to_claude(name: str, value: Any) -> bool:
    return (name == "format" and value in _CLAUDE_FORMATS) or (name == "minItems" and value in (0, 1))


def _is_object(part: Mapping[str, Any]) -> bool:
    kind = part.get("type")
    return kind == "object" or (isinstance(kind, list) and "object" in kind) or "properties" in part


def _is_recursive(schema: Mapping[str, Any]) -> bool:
    """Whether a definition leads back to itself; a reference to anything but a definition counts as one that does."""
    named = schema.get("$defs")
    definitions: dict[str, Any] = named if isinstance(named, dict) else {}
    leads_to = {name: set(_references(part)) for name, part in definitions.items()}
    left = set(_references({name: part for name, part in schema.items() if name != "$defs"}))
    left |= {name for names in leads_to.values() for name in names}
    if left - definitions.keys():
        return True
    while leads_to:
        ends = [name for name, names in leads_to.items() if not names & leads_to.keys()]
        if not ends:
            return True
        for name in ends:
            del leads_to[name]
    return False


def _references(value: Any) -> Iterator[str]:
    for part in _parts(value):
        if isinstance(reference := part.get("$ref"), str):
            yield reference.removeprefix("#/$defs/")


def _parts(value: Any) -> Iterator[Mapping[str, Any]]:
    """The schema and every schema in it; names of properties are no keywords."""
    if not isinstance(value, dict):
        return
    yield value
    for name, inner in value.items():
        if name in ("enum", "const", "default", "examples"):
            continue
        below = inner.values() if name in _MAPS and isinstance(inner, dict) else [inner]
        for each in below:
            for part in each if isinstance(each, list) else [each]:
                yield from _parts(part)
