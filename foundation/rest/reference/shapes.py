"""JSON Schema (as OpenAPI 3.1 has it) as lines of a table, and as an example."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from foundation.words import number

DEEPEST: Final = 5
"""Names inside names; what lies deeper is told by its kind alone."""
ENUM_LISTING: Final = re.compile(r"^\* `[^`]*` - .*$\n?", re.MULTILINE)
"""What drf-spectacular says of an enum's values in words: the values stand beside it already."""
EXAMPLES: Final = {
    "uuid": "00000000-0000-0000-0000-000000000000",
    "date-time": "2026-01-31T12:00:00Z",
    "date": "2026-01-31",
    "uri": "https://example.org",
    "email": "name@example.org",
}
Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A value by its name; `name` of one inside another is the path to it, `kind` says in words what it may be."""

    name: str
    kind: str
    about: str
    is_required: bool
    place: str = ""
    """Where a parameter stands: `path`, `query`, `header`; nothing for a field of a body."""


class Shapes:
    """Reads the schemas of one document, whose components they refer to."""

    def __init__(self, components: Mapping[str, Schema]) -> None:
        self._components = components

    def fields(self, schema: Schema, path: str = "", seen: tuple[str, ...] = ()) -> Iterator[Field]:
        """What an object holds, names inside it after it; of a list, what each of its elements holds."""
        name, schema = self._resolved(schema)
        if name in seen or len(seen) >= DEEPEST:
            return
        seen = (*seen, name or path)
        for each in schema.get("allOf") or ():
            yield from self.fields(each, path, seen)
        if "items" in schema:
            yield from self.fields(schema["items"], f"{path}[]", seen)
        required = schema.get("required") or ()
        for key, value in (schema.get("properties") or {}).items():
            inner = f"{path}.{key}" if path else str(key)
            yield Field(inner, self.kind(value), self.about(value), key in required)
            yield from self.fields(self._one_with_fields(value), inner, seen)

    def kind(self, schema: Schema, depth: int = 0) -> str:
        """In words: "text of at most 100 characters", "one of a, b", "list of objects"."""
        _, schema = self._resolved(schema)
        if "const" in schema:
            return str(schema["const"])
        if values := schema.get("enum"):
            return "one of " + ", ".join("null" if value is None else str(value) for value in values)
        if several := schema.get("anyOf") or schema.get("oneOf"):
            kinds = dict.fromkeys(self.kind(each, depth + 1) for each in several)
            return " or ".join(kinds) if depth < DEEPEST else "value"
        if len(parts := list(schema.get("allOf") or [])) == 1:
            return self.kind(parts[0], depth + 1)
        types = schema.get("type", "object" if parts or "properties" in schema else "value")
        return " or ".join(
            self._named(str(each), schema, depth) for each in ([types] if isinstance(types, str) else types)
        )

    def about(self, schema: Schema) -> str:
        """What is said of it; where nothing is, what is said of what it refers to."""
        _, resolved = self._resolved(schema)
        return ENUM_LISTING.sub("", str(schema.get("description") or resolved.get("description") or "")).strip()

    def example(self, schema: Schema, depth: int = 0) -> Any:
        """The least that is taken: what an object requires, with a value of each kind."""
        _, schema = self._resolved(schema)
        for known in ("example", "const", "default"):
            if schema.get(known) is not None:
                return schema[known]
        if values := schema.get("enum"):
            return values[0]
        if several := schema.get("anyOf") or schema.get("oneOf"):
            return self.example(several[0], depth + 1)
        types = schema.get("type")
        kind = types if isinstance(types, str) else next(iter(types or ()), None)
        if parts := schema.get("allOf"):
            return {key: value for part in parts for key, value in dict(self.example(part, depth + 1)).items()}
        if kind == "array":
            return [self.example(schema.get("items") or {}, depth + 1)] if schema.get("minItems") else []
        if kind in ("integer", "number"):
            return schema.get("minimum", 1)
        if kind == "boolean":
            return True
        if kind == "string":
            return EXAMPLES.get(str(schema.get("format")), "…")
        properties = schema.get("properties") or {}
        required = [key for key in schema.get("required") or () if key in properties]
        return {key: self.example(properties[key], depth + 1) for key in required} if depth < DEEPEST else {}

    def _resolved(self, schema: Schema) -> tuple[str, Schema]:
        """The schema that is meant, and its name where it is a component."""
        name = ""
        while "$ref" in schema:
            name = str(schema["$ref"]).rpartition("/")[2]
            schema = self._components[name]
        return name, schema

    def _one_with_fields(self, schema: Schema) -> Schema:
        """Of alternatives the one that is an object or a list: the others have no fields."""
        _, resolved = self._resolved(schema)
        several = resolved.get("anyOf") or resolved.get("oneOf") or ()
        return next((each for each in several if {"$ref", "properties", "items"} & set(each)), schema)

    def _named(self, kind: str, schema: Schema, depth: int) -> str:
        if kind == "array":
            return f"list of {self.kind(schema.get('items') or {}, depth + 1)}" if depth < DEEPEST else "list"
        word = {"string": "text", "null": "null", "boolean": "true or false"}.get(kind, kind)
        if kind == "string" and (form := schema.get("format")):
            word = {"uuid": "id (UUID)", "date-time": "date and time (ISO 8601)"}.get(form, str(form))
        return " ".join(filter(None, [word, _limits(schema) if kind != "null" else ""]))


def _limits(schema: Schema) -> str:
    """The bounds of a number, the length of a text."""
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f"from {low} to {high}"
    if low is not None:
        return f"of {low} or more"
    if high is not None:
        return f"up to {high}"
    longest = schema.get("maxLength")
    return f"of at most {number(longest)} characters" if longest else ""
