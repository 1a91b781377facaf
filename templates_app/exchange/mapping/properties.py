"""Properties as a `.prompty` file writes them (by name, or as a list with `name` and `kind`), as JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from templates_app.exchange.formats.format import refused
from templates_app.exchange.mapping.definitions import NOTHING, Definitions
from templates_app.exchange.mapping.members import text_of

DEEPEST: Final = 10
_TYPES: Final[Mapping[str, str]] = {
    "string": "string",
    "text": "string",
    "str": "string",
    "integer": "integer",
    "int": "integer",
    "number": "number",
    "float": "number",
    "double": "number",
    "boolean": "boolean",
    "bool": "boolean",
    "array": "array",
    "list": "array",
    "object": "object",
    "dict": "object",
}
_ABOUT: Final = frozenset(
    {"type", "kind", "description", "default", "sample", "example", "required", "enum", "enumValues", "properties"}
    | {"items", "is_required", "json_schema", "strict", "const"}
)
Property = tuple[str, Mapping[str, Any], str]
"""A name, what is said of it, and its place."""


def properties_of(given: Any, place: str) -> Iterator[Property]:
    """Each property; a plain value by a name is an example of it. Raises Problem for what is neither."""
    if isinstance(given, Mapping) and isinstance(given.get("properties"), Mapping | list):
        given, place = given["properties"], f"{place}.properties"
    if isinstance(given, list):
        for at, each in enumerate(given):
            if not isinstance(each, Mapping):
                raise refused(f"{place}.{at}", "invalid", "A property is an object with a name and a kind.")
            name = text_of(each.get("name"), f"{place}.{at}.name")
            if not name:
                raise refused(f"{place}.{at}.name", "required", "A property needs a name.")
            yield name, each, f"{place}.{at}"
    elif isinstance(given, Mapping):
        for name, each in given.items():
            is_said = isinstance(each, Mapping) and bool(each.keys() & _ABOUT)
            yield str(name), each if is_said else {"kind": _kind_of(each), "example": each}, f"{place}.{name}"
    elif given is not None:
        raise refused(place, "invalid", "Properties by their names, or a list of them, are expected.")


def _kind_of(value: Any) -> str:
    kinds = ((bool, "boolean"), (int | float, "number"), (list, "array"), (Mapping, "object"))
    return next((kind for of, kind in kinds if isinstance(value, of)), "string")


def kind_of(said: Mapping[str, Any]) -> Any:
    """What type a property is said to be of."""
    return said.get("kind", said.get("type", "string")) or "string"


def choices_of(said: Mapping[str, Any]) -> Any:
    """The values that a property is limited to; None without a limit."""
    return said.get("enumValues", said.get("enum"))


def schema_of(given: Any, place: str, depth: int = 1) -> dict[str, Any]:
    """The JSON Schema of an object with these properties."""
    if isinstance(given, Mapping) and given.get("type") == "object" and isinstance(given.get("properties"), Mapping):
        return dict(given)
    if depth > DEEPEST:
        raise refused(place, "too_deep", f"Properties are taken up to {DEEPEST} levels.")
    made: dict[str, Any] = {"type": "object", "properties": {}}
    required = []
    for name, said, at in properties_of(given, place):
        made["properties"][name] = _schema(said, at, depth)
        if said.get("required") is True:
            required.append(name)
    return {**made, "required": required} if required else made


def _schema(said: Mapping[str, Any], place: str, depth: int) -> dict[str, Any]:
    kind = kind_of(said)
    plain = _TYPES.get(kind.lower()) if isinstance(kind, str) else None
    made: dict[str, Any] = {"type": plain} if plain else {}
    if description := text_of(said.get("description"), f"{place}.description"):
        made["description"] = description
    if isinstance(choices := choices_of(said), list):
        made["enum"] = choices
    if plain == "array" and isinstance(items := said.get("items"), Mapping) and depth < DEEPEST:
        made["items"] = _schema(items, f"{place}.items", depth + 1)
    if plain == "object" and said.get("properties"):
        made |= schema_of(said["properties"], f"{place}.properties", depth + 1)
    return made


def define(given: Any, place: str, definitions: Definitions) -> dict[str, Any]:
    """Defines a variable for each property, and gives the examples that are there, by name."""
    examples: dict[str, Any] = {}
    for name, said, at in properties_of(given, place):
        kind = kind_of(said)
        is_deep = isinstance(said.get("properties"), Mapping | list) or isinstance(said.get("items"), Mapping)
        definitions.add(
            name,
            kind=kind,
            description=text_of(said.get("description"), f"{at}.description"),
            is_required=said.get("required", said.get("is_required")) is not False and kind != "thread",
            default=said["default"] if said.get("default") is not None and kind != "thread" else NOTHING,
            choices=choices_of(said),
            schema=_schema(said, at, 1) if is_deep else None,
        )
        for word in ("example", "sample"):
            if said.get(word) is not None:
                examples[name] = said[word]
    return examples
