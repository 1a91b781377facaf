"""One template of a file: the shape that it has to have, and what will be done with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from rest_framework import serializers

from foundation.problems import FieldError
from foundation.rest.serializers import StrictSerializer
from templates_app.bodies import ContentSerializer, TagsField, VersionNumberField
from templates_app.content import Content
from templates_app.exchange.formats.format import Draft
from templates_app.lookup import LABEL
from templates_app.models import PromptTemplate, TemplateVersion
from templates_app.partials.references import LONGEST_SLUG, SLUG

MOST_VERSIONS: Final = 200
NEW: Final = "New."
"""The reason of what is made, where there is no more to say."""
CREATE: Final = "create"
UPDATE: Final = "update"
SKIP: Final = "skip"
CONFLICT: Final = "conflict"
ERROR: Final = "error"
"""It does not hold: nothing can be done with it. Doors that take a file whole refuse it then."""


class VersionEntry(ContentSerializer):
    """One version of an entry."""

    number = VersionNumberField()
    note = serializers.CharField(max_length=1_000, allow_blank=True, default="")
    created_at = serializers.DateTimeField(required=False)


class TemplateEntry(StrictSerializer):
    """One template of the document."""

    id = serializers.UUIDField(required=False, allow_null=True)
    name = serializers.CharField(max_length=255)
    slug = serializers.RegexField(f"^{SLUG}$", max_length=LONGEST_SLUG, required=False, allow_null=True)
    category = serializers.CharField(max_length=100)
    description = serializers.CharField(max_length=10_000, allow_blank=True, default="", trim_whitespace=False)
    tags = TagsField(required=False, default=list)
    versions: Any = serializers.ListSerializer(child=VersionEntry(), min_length=1, max_length=MOST_VERSIONS)
    labels: Any = serializers.DictField(child=VersionNumberField(), required=False, default=dict)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        numbers = [each["number"] for each in attrs["versions"]]
        if numbers != sorted(set(numbers)):
            raise serializers.ValidationError({"versions": ["Versions are numbered upwards, each number once."]})
        for label, number in attrs["labels"].items():
            if not LABEL.fullmatch(label):
                raise serializers.ValidationError({"labels": [f"{label[:60]!r} is no label."]})
            if number not in numbers:
                raise serializers.ValidationError(
                    {"labels": [f"{label} points at version {number}, which is not here."]}
                )
        return attrs


@dataclass(slots=True)
class Entry:
    """What will be done with one template of a file."""

    index: int
    name: str
    draft: Draft = field(repr=False)
    format: str
    file: str = ""
    """The name of the file that it stands in; empty for a pasted text."""
    origin: str = ""
    """What it is known by when it comes again."""
    action: str = CREATE
    reason: str = NEW
    given: Mapping[str, Any] = field(repr=False, default_factory=dict)
    contents: list[Content] = field(repr=False, default_factory=list)
    errors: list[FieldError] = field(default_factory=list)
    """What does not hold, each at its place in the file."""
    template: PromptTemplate | None = field(repr=False, default=None)
    """The one that is here already."""
    is_remembered: bool = False
    """Whether an import brought that one here."""
    id: UUID | None = None
    notes: list[str] = field(default_factory=list)
    """What is not carried over, or not as the file has it, a sentence each."""
    changes: dict[str, Any] | None = field(repr=False, default=None)
    """Of a conflict: the way from what is here to what the file brings."""
    handed: list[str] = field(default_factory=list)
    """What else would come of it, or came, a sentence each."""
    made: list[tuple[int, TemplateVersion]] = field(repr=False, default_factory=list)
    """The versions that were written, each with its place in the entry."""

    @property
    def place(self) -> str:
        """Where it stands in its file, as a dotted path."""
        return self.draft.place

    @property
    def is_written(self) -> bool:
        """Whether something will be written of it."""
        return self.action in (CREATE, UPDATE)

    def as_json(self) -> dict[str, Any]:
        """The API's shape."""
        told = ("index", "name", "action", "reason", "id", "notes", "format", "file", "handed", "changes")
        return {name: getattr(self, name) for name in told}


def placed(errors: list[FieldError], place: str) -> list[FieldError]:
    """The same errors below `place`."""
    return [FieldError(f"{place}.{each.field}".strip("."), each.code, each.message) for each in errors]
