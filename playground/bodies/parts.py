"""Fields that take text or parts (api.md, "Parts"); the shapes themselves are `providers.parts.shapes`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from foundation.rest.serializers import LONGEST_TEXT, TextField
from providers.parts import shapes

TEXT: Final = {"type": "string", "maxLength": LONGEST_TEXT}
_TEXT_PART: Final = {
    "type": "object",
    "required": ["type", "text"],
    "properties": {"type": {"const": "text"}, "text": TEXT},
}
FILE_PART: Final = {
    "type": "object",
    "description": "One of artifact_id (POST /api/artifacts), data_url, and url where its host is allowed.",
    "required": ["type"],
    "properties": {
        "type": {"enum": list(shapes.OURS)},
        "artifact_id": {"type": "string", "format": "uuid"},
        "data_url": {"type": "string"},
        "url": {"type": "string", "format": "uri", "maxLength": shapes.LONGEST_URL},
        "media_type": {"type": "string"},
        "name": {"type": "string", "maxLength": shapes.LONGEST_NAME},
        "alt": {"type": "string", "maxLength": shapes.LONGEST_ALT},
    },
}
_IMAGE_URL_PART: Final = {
    "type": "object",
    "description": "As OpenAI has it.",
    "required": ["type", "image_url"],
    "properties": {
        "type": {"const": "image_url"},
        "image_url": {"type": "object", "required": ["url"], "properties": {"url": {"type": "string"}}},
    },
}
PARTS: Final = {
    "type": "array",
    "minItems": 1,
    "maxItems": shapes.MOST_PARTS,
    "items": {"anyOf": [_TEXT_PART, FILE_PART, _IMAGE_URL_PART]},
}
FILE_PARTS: Final = {**PARTS, "items": FILE_PART}


def checked(parts: Any) -> Any:
    """The parts, when they hold; a validation error names each that does not."""
    if faults := shapes.faults_of(parts, url_hosts=settings.ENV.part_url_hosts):
        raise serializers.ValidationError(_detail(faults))
    return parts


def _detail(faults: list[shapes.Fault]) -> Any:
    if not faults[0].path:
        return [serializers.ErrorDetail(faults[0].message, code=faults[0].code)]
    found: dict[str, list[Any]] = {}
    for fault in faults:
        found.setdefault(fault.path, []).append(serializers.ErrorDetail(fault.message, code=fault.code))
    return found


@extend_schema_field({"anyOf": [TEXT, PARTS]})
class PromptField(serializers.Field):  # type: ignore[type-arg]
    """Text, or parts."""

    default_error_messages = {"type": "In JSON, text or a list of parts is expected here."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._text = TextField()

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, list):
            return checked(data)
        if not isinstance(data, str):
            self.fail("type")
        return self._text.run_validation(data)

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field({"anyOf": [TEXT, PARTS, {"type": "null"}]})
class ContentField(serializers.JSONField):
    """A message's text, its parts, or null."""

    def to_internal_value(self, data: Any) -> Any:
        value: Any = super().to_internal_value(data)
        if value is None or (isinstance(value, str) and len(value) <= LONGEST_TEXT):
            return value
        return checked(value)


@extend_schema_field(FILE_PARTS)
class AttachmentsField(serializers.JSONField):
    """Pictures and files that go with the prompt, before its text."""

    def to_internal_value(self, data: Any) -> Any:
        parts = checked(super().to_internal_value(data))
        odd = [place for place, part in enumerate(parts) if part["type"] not in shapes.OURS]
        if odd:
            message = serializers.ErrorDetail("An image or a file is expected.", code="invalid")
            raise serializers.ValidationError({str(place): [message] for place in odd})
        return parts


def refuse_files_in(role: str, content: Any) -> None:
    """Pictures and files are what a user shows; the other roles have text on every wire."""
    if role == "user" or not isinstance(content, list):
        return
    odd = [place for place, part in enumerate(content) if part["type"] in shapes.OURS]
    if odd:
        message = serializers.ErrorDetail("Pictures and files stand in messages of the user.", code="wrong_role")
        raise serializers.ValidationError({"content": {str(place): [message] for place in odd}})


def taken_apart(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body with `prompt` as text, and `parts` with all of it in its order where it is more than text."""
    prompt, files = body.get("prompt"), body.get("attachments") or []
    whole = {name: value for name, value in body.items() if name != "attachments"}
    if isinstance(prompt, list):
        whole["prompt"] = shapes.text_of(prompt)
        whole["parts"] = [*files, *prompt]
    elif files:
        whole["parts"] = [*files, *([{"type": "text", "text": prompt}] if prompt else [])]
    return whole
