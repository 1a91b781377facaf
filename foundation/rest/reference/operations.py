"""The operations of an OpenAPI document, by the part of the service they belong to."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from foundation.rest.reference.shapes import Field, Shapes

JSON: Final = "application/json"
NAMES: Final = {
    "v1": "Clients of OpenAI and Anthropic",
    "mcp": "MCP",
    "mcp-servers": "MCP servers",
    "auth": "Signing in",
}
"""Of parts that are not called as their tags."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What may come back: the status, what it means, its media type, and what it holds."""

    status: str
    about: str
    media_type: str
    fields: Sequence[Field]


@dataclass(frozen=True)
class Operation:
    """One method of one address."""

    id: str
    method: str
    path: str
    raw: Mapping[str, Any]
    shapes: Shapes

    @cached_property
    def about(self) -> str:
        """What it does."""
        return str(self.raw.get("description") or self.raw.get("summary") or "").strip()

    @cached_property
    def beginning(self) -> str:
        """The first sentence of that, for a list."""
        return self.about.split("\n\n")[0].partition(". ")[0].strip().rstrip(".")

    @property
    def is_open(self) -> bool:
        """Whether nobody need be signed in."""
        return self.raw.get("security") == []

    @cached_property
    def parameters(self) -> list[Field]:
        """Of its address and headers."""
        return [
            Field(
                each["name"],
                self.shapes.kind(each.get("schema") or {}),
                self.shapes.about(each),
                bool(each.get("required")),
                place=each["in"],
            )
            for each in self.raw.get("parameters") or ()
        ]

    @property
    def media_types(self) -> list[str]:
        """Of its body; none where it takes none."""
        return list((self.raw.get("requestBody") or {}).get("content") or ())

    @cached_property
    def fields(self) -> list[Field]:
        """What its body holds."""
        content = (self.raw.get("requestBody") or {}).get("content") or {}
        return _once(self.shapes, next((each.get("schema") or {} for each in content.values()), {}))

    @cached_property
    def answers(self) -> list[Answer]:
        """By status; of refusals what they mean: they hold the same everywhere."""
        return [self._answer(status, each) for status, each in sorted((self.raw.get("responses") or {}).items())]

    @property
    def names_in_path(self) -> list[Field]:
        """What its address leaves open."""
        return [field for field in self.parameters if field.place == "path"]

    @property
    def is_json(self) -> bool:
        """Whether its body, where it takes one, can be JSON."""
        return not self.media_types or JSON in self.media_types

    @cached_property
    def example(self) -> str:
        """A body that it takes, as JSON; empty where it takes none."""
        return json.dumps(self._example(), ensure_ascii=False, indent=2) if JSON in self.media_types else ""

    def curl(self, service_url: str) -> str:
        """A call in a shell, its token read from PLAYGROUND_TOKEN."""
        lines = [
            f"curl --silent --show-error --request {self.method}",
            shlex.quote(service_url.rstrip("/") + self.path),
        ]
        if not self.is_open:
            lines.append('--header "Authorization: Bearer ${PLAYGROUND_TOKEN:?}"')
        if JSON in self.media_types:
            lines += [f"--header 'Content-Type: {JSON}'", f"--data-raw {shlex.quote(self.example)}"]
        elif self.media_types:
            lines += [f"--header 'Content-Type: {self.media_types[-1]}'", "--data-binary @file"]
        return " \\\n  ".join(lines)

    def _example(self) -> Any:
        content = self.raw["requestBody"]["content"][JSON]
        for each in (content.get("examples") or {}).values():
            return each["value"]
        return self.shapes.example(content.get("schema") or {})

    def _answer(self, status: str, raw: Mapping[str, Any]) -> Answer:
        for media_type, each in (raw.get("content") or {}).items():
            fields = _once(self.shapes, each.get("schema") or {}) if status < "400" else []
            return Answer(status, str(raw.get("description") or ""), media_type, fields)
        return Answer(status, str(raw.get("description") or ""), "", [])


@dataclass(frozen=True, slots=True)
class Part:
    """The operations of one tag."""

    slug: str
    operations: Sequence[Operation]

    @property
    def name(self) -> str:
        """What people call it."""
        return NAMES.get(self.slug) or self.slug.replace("-", " ").capitalize()


def parts_of(document: Mapping[str, Any]) -> dict[str, Part]:
    """Every operation of the document by its first tag, in the order of what people call them."""
    shapes = Shapes(document["components"]["schemas"])
    found: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method, raw in methods.items():
            operation = Operation(raw["operationId"], method.upper(), path, raw, shapes)
            found.setdefault((raw.get("tags") or ["other"])[0], []).append(operation)
    parts = sorted((Part(slug, found[slug]) for slug in found), key=lambda part: part.name.casefold())
    return {part.slug: part for part in parts}


def _once(shapes: Shapes, schema: Mapping[str, Any]) -> list[Field]:
    """The fields, a name that two parts of a schema share told once."""
    return list({each.name: each for each in shapes.fields(schema)}.values())
