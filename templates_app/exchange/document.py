"""The document that templates travel in: every version and label of each, as JSON or YAML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import yaml

from foundation.rest.rendering import dumps
from templates_app.call.artifacts import artifacts
from templates_app.content import Content
from templates_app.models import PromptTemplate
from templates_app.versions.labels import labels_of

FORMAT: Final = "llm-playground-templates"
SCHEMA_VERSION: Final = 1


def document(templates: Iterable[PromptTemplate]) -> dict[str, Any]:
    """The document of these templates."""
    listed = list(templates)
    head = {"format": FORMAT, "version": SCHEMA_VERSION}
    notes = [note for each in listed for note in _notes(each)]
    return {**head, **({"notes": notes} if notes else {}), "templates": [_entry(each) for each in listed]}


def _notes(template: PromptTemplate) -> Iterator[str]:
    """What of a template the document does not carry, a sentence each."""
    for version in template.versions.order_by("number"):
        for place in artifacts(version.content):
            yield f"{template.name}, version {version.number}: the file of {place} stays in the service."


def _entry(template: PromptTemplate) -> dict[str, Any]:
    versions = template.versions.order_by("number")
    return {
        "id": str(template.id),
        "name": template.name,
        "slug": template.slug,
        "category": template.category,
        "description": template.description,
        "tags": template.tags,
        "versions": [
            {
                "number": version.number,
                "note": version.note,
                "created_at": version.created_at.isoformat().replace("+00:00", "Z"),
                **_content(version.content),
            }
            for version in versions
        ],
        "labels": labels_of(template),
    }


def _content(content: Content) -> dict[str, Any]:
    """As it is saved: messages stand in the place of prompt and system_prompt."""
    shape = content.as_json()
    return {name: value for name, value in shape.items() if not content.messages or "prompt" not in name}


def as_json(shape: dict[str, Any]) -> bytes:
    """JSON, as the API writes it."""
    return dumps(shape)


class _Readable(yaml.SafeDumper):
    """Multi-line texts as blocks; nothing is said twice by an alias."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # In a block, YAML takes other line breaks (NEL, U+2028) for this one.
    is_block = "\n" in text and text.splitlines() == text.rstrip("\n").split("\n")
    style = "|" if is_block else '"' if len(text.splitlines()) > 1 else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Readable.add_representer(str, _text)


def as_yaml(shape: dict[str, Any]) -> bytes:
    """YAML 1.1 that reads back as the same values."""
    written: str = yaml.dump(shape, Dumper=_Readable, allow_unicode=True, sort_keys=False, width=100)
    return written.encode()
