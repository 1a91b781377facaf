"""The starter library: templates that are there from the first day, as data beside this file, one file a category."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from templates_app.content import Content


@dataclass(frozen=True, slots=True)
class StarterTemplate:
    """One template of the library; `key` stays the same when it is renamed, `example` has a value for each variable."""

    key: str
    name: str
    category: str
    description: str
    tags: tuple[str, ...]
    content: Content
    example: Mapping[str, Any]


@cache
def starter_templates() -> list[StarterTemplate]:
    """The whole library, by category and in the order of its files."""
    found = sorted(
        (file for file in files(__package__).iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name
    )
    documents = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in found]
    return [_template(document["category"], entry) for document in documents for entry in document["templates"]]


def _template(category: str, entry: Mapping[str, Any]) -> StarterTemplate:
    return StarterTemplate(
        key=entry["key"],
        name=entry["name"],
        category=category,
        description=entry["description"],
        tags=tuple(entry["tags"]),
        content=Content.from_json(entry),
        example=entry["example"],
    )
