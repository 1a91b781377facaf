"""Parts of the OpenAPI document that are written as JSON Schema has them: shapes that others have laid down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from drf_spectacular.extensions import OpenApiSerializerExtension
from rest_framework import serializers

Schema = dict[str, Any]

ANY: Final[Schema] = {}
TEXT: Final[Schema] = {"type": "string"}
WHOLE: Final[Schema] = {"type": "integer"}
NUMBER: Final[Schema] = {"type": "number"}
TRUTH: Final[Schema] = {"type": "boolean"}
OBJECT: Final[Schema] = {"type": "object", "additionalProperties": {}}
NULL: Final[Schema] = {"type": "null"}


class Shape(serializers.Serializer[Any]):
    """A named part: `schema` is its JSON Schema, with other shapes where they belong."""

    schema: ClassVar[Any] = {}


class ShapeSchema(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """Writes a shape down as it is."""

    target_class = Shape
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> Any:
        """Its schema, with references in the place of other shapes."""
        return _linked(type(self.target).schema, auto_schema, direction)


def _linked(node: Any, auto_schema: Any, direction: Any) -> Any:
    if isinstance(node, type) and issubclass(node, Shape):
        return auto_schema.resolve_serializer(node, direction).ref
    if isinstance(node, Mapping):
        return {name: _linked(inner, auto_schema, direction) for name, inner in node.items()}
    return [_linked(inner, auto_schema, direction) for inner in node] if isinstance(node, list) else node


def shaped(required: str = "", /, **properties: Any) -> Schema:
    """An object with these properties, of which those are `required` whose names stand there, apart by blanks; `*` is
    all of them."""
    names = sorted(properties) if required == "*" else required.split()
    return {"type": "object", "properties": properties, **({"required": names} if names else {})}


def listed(item: Any) -> Schema:
    """A list of these."""
    return {"type": "array", "items": item}


def one_of(*choices: Any) -> Schema:
    """Any of these."""
    return {"anyOf": list(choices)}


def maybe(schema: Any) -> Schema:
    """This, or null."""
    if isinstance(schema, dict) and isinstance(schema.get("type"), str) and not {"enum", "const"} & schema.keys():
        return {**schema, "type": [schema["type"], "null"]}
    return one_of(schema, NULL)


def word(*words: str) -> Schema:
    """One of these words."""
    return {"type": "string", **({"enum": list(words)} if len(words) > 1 else {"const": words[0]})}


def event(data: Any, name: str | None = None) -> Schema:
    """A server-sent event, its fields as the format has them: text, and `data` JSON of this shape."""
    told = {"type": "string", "contentMediaType": "application/json", "contentSchema": data}
    if name is None:
        return {"type": "object", "properties": {"data": told}, "required": ["data"]}
    properties = {"event": {"const": name}, "data": told}
    return {"type": "object", "title": name, "properties": properties, "required": ["event", "data"]}
