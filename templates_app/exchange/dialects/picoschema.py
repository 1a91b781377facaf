"""Picoschema, dotprompt's short way to write a JSON Schema (google.github.io/dotprompt, "Picoschema")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from templates_app.exchange.formats.format import Draft, refused

DEEPEST: Final = 12
SCALARS: Final = frozenset({"string", "number", "integer", "boolean", "null", "any"})
_TYPES: Final = frozenset({*SCALARS, "object", "array"})
_KEY: Final = re.compile(r"(?P<name>[^(?]{1,200})(?P<optional>\?)?\s*(?:\((?P<info>.{0,2000})\))?\s*", re.DOTALL)
_CHOICES: Final = re.compile(r"\s*(?:\"[^\"]*\"|'[^']*')(?:\s*\|\s*(?:\"[^\"]*\"|'[^']*'))*\s*")
_ANY_OTHER: Final = "(*)"
Schema = dict[str, Any]


def schema_of(given: Any, place: str, draft: Draft) -> Schema:
    """The JSON Schema that is meant; a schema that is one already stays. Raises Problem for what is neither."""
    if isinstance(given, Mapping):
        if _is_type(given.get("type")) and not _is_pico_of_type(given):
            return _mended(given, place, draft, 1)
        if isinstance(given.get("properties"), Mapping):
            return _mended({**given, "type": "object"}, place, draft, 1)
    return _pico(given, place, draft, 1)


def _is_type(given: Any) -> bool:
    """Whether `type` says a type, or several, as in a JSON Schema."""
    kinds = given if isinstance(given, list) and given else [given]
    return all(isinstance(kind, str) and kind in _TYPES for kind in kinds)


def _is_pico_of_type(given: Mapping[str, Any]) -> bool:
    """Whether `type: string` is a property of that name: others stand beside it that no schema has."""
    return bool(given.keys() - _OF_SCHEMAS)


_OF_SCHEMAS: Final = frozenset(
    {"type", "properties", "required", "items", "enum", "description", "additionalProperties", "default", "format"}
    | {"minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern", "title", "$schema", "$defs"}
    | {"anyOf", "oneOf", "allOf", "const", "examples", "nullable", "uniqueItems", "$ref", "exclusiveMinimum"}
)


def _mended(given: Mapping[str, Any], place: str, draft: Draft, depth: int) -> Schema:
    """A JSON Schema whose properties people have written the short way."""
    made = dict(given)
    _check_depth(place, depth)
    if isinstance(given.get("properties"), Mapping):
        made["properties"] = {
            str(name): _mended(inner, f"{place}.properties.{name}", draft, depth + 1)
            if isinstance(inner, Mapping)
            else _pico(inner, f"{place}.properties.{name}", draft, depth + 1)
            for name, inner in given["properties"].items()
        }
    if isinstance(given.get("items"), str):
        made["items"] = _pico(given["items"], f"{place}.items", draft, depth + 1)
    return made


def _check_depth(place: str, depth: int) -> None:
    if depth > DEEPEST:
        raise refused(place, "too_deep", f"A schema is taken up to {DEEPEST} levels.")


def _pico(given: Any, place: str, draft: Draft, depth: int) -> Schema:
    _check_depth(place, depth)
    if isinstance(given, str):
        return _scalar(given, place, draft)
    if not isinstance(given, Mapping):
        raise refused(place, "invalid", "Picoschema consists of objects and of texts such as `string, what it is`.")
    made: Schema = {"type": "object", "properties": {}, "additionalProperties": False}
    required = []
    for key, inner in given.items():
        at = f"{place}.{key}"
        if key == _ANY_OTHER:
            made["additionalProperties"] = _pico(inner, at, draft, depth + 1)
            continue
        found = _KEY.fullmatch(key)
        if not found:
            raise refused(at, "invalid", "A property's name, with ? where it may lack, and its type in parentheses.")
        name = found["name"].strip()
        made["properties"][name] = _property(found["info"], inner, at, draft, depth)
        if not found["optional"]:
            required.append(name)
    return {**made, "required": required} if required else made


def _property(info: str | None, inner: Any, place: str, draft: Draft, depth: int) -> Schema:
    if info is None:
        return _pico(inner, place, draft, depth + 1)
    kind, _, description = (part.strip() for part in info.partition(","))
    about = {"description": description} if description else {}
    if kind == "array":
        return {"type": "array", "items": _pico(inner, place, draft, depth + 1), **about}
    if kind == "object":
        return {**_pico(inner, place, draft, depth + 1), **about}
    if kind == "enum" and isinstance(inner, list):
        return {"enum": [each for each in inner if each is not None], **about}
    raise refused(place, "invalid", "In parentheses, array, object or enum (of a list) is expected.")


def _scalar(given: str, place: str, draft: Draft) -> Schema:
    """`string, what it is`; people also write `string[]`, and `"a" | "b"` for choices."""
    if _CHOICES.fullmatch(given):
        return {"type": "string", "enum": [each[1:-1] for each in re.findall(r"\"[^\"]*\"|'[^']*'", given)]}
    if given.lstrip().startswith("{"):
        return _inline(given.strip(), place, draft)
    kind, _, description = (part.strip() for part in given.partition(","))
    about = {"description": description} if description else {}
    if kind.endswith("[]"):
        return {"type": "array", "items": _scalar(kind[:-2], place, draft), **about}
    if kind in ("any", ""):
        return about
    if kind in _TYPES:
        return {"type": kind, **about}
    draft.note(f"{place}: the schema {kind[:60]} stands elsewhere, so any value is taken.")
    return about


def _inline(given: str, place: str, draft: Draft) -> Schema:
    draft.note(f"{place}: what stands between its braces is not read: any object is taken.")
    return {"type": "array", "items": {"type": "object"}} if given.endswith("[]") else {"type": "object"}
