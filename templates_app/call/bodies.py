"""What may be sent of a whole call: messages, tools, the answer's format, the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from foundation.problems import FieldError
from foundation.rest.serializers import StrictSerializer
from templates_app.call.checking import MOST_MESSAGES, MOST_TOOLS, format_faults, message_faults, tool_faults
from templates_app.call.turns import ROLES
from templates_app.parameters import ResponseFormatField
from templates_app.rendering.placeholders import LONGEST_NAME

_PART: Final = {
    "anyOf": [
        {"type": "object", "properties": {"type": {"const": "text"}, "text": {"type": "string"}}},
        {
            "type": "object",
            "properties": {
                "type": {"enum": ["image", "file"]},
                "artifact_id": {"type": "string", "format": "uuid"},
                "data_url": {"type": "string"},
                "media_type": {"type": "string"},
            },
            "required": ["type"],
        },
    ]
}
_TURN: Final = {
    "type": "object",
    "properties": {
        "role": {"type": "string", "enum": list(ROLES)},
        "content": {"anyOf": [{"type": "string"}, {"type": "array", "items": _PART}]},
    },
    "required": ["role", "content"],
    "additionalProperties": False,
}
_SLOT: Final = {
    "type": "object",
    "properties": {"placeholder": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}},
    "required": ["placeholder"],
    "additionalProperties": False,
}
_TOOL: Final = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
        "description": {"type": "string", "maxLength": 4000},
        "parameters": {"type": "object"},
        "registered": {"type": "boolean", "description": "One of GET /api/tools, by its name: it is run here."},
        "needs_approval": {"type": "boolean"},
    },
    "required": ["name"],
    "additionalProperties": False,
}


class _CheckedField(serializers.JSONField):
    """A JSON value that a function judges, every fault at its dotted place; null is an empty list."""

    check: Callable[[Any], Iterator[FieldError]]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_null=True, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        value = super().run_validation(data)
        return [] if value is None else value

    def to_internal_value(self, data: Any) -> Any:
        refuse(type(self).check(data), below=self.field_name)
        return data


def refuse(errors: Iterator[FieldError], *, below: str | None) -> None:
    """A validation error with these, whose fields begin with `below`."""
    found: dict[str, list[Any]] = {}
    for error in errors:
        place = error.field.removeprefix(f"{below}").removeprefix(".") or "non_field_errors"
        found.setdefault(place, []).append(serializers.ErrorDetail(error.message, code=error.code))
    if found:
        raise serializers.ValidationError(found)


@extend_schema_field({"type": "array", "nullable": True, "maxItems": MOST_MESSAGES, "items": {"anyOf": [_TURN, _SLOT]}})
class MessagesField(_CheckedField):
    """Turns `{role, content}` and places of others' messages `{placeholder}`, in their order."""

    check = staticmethod(message_faults)


@extend_schema_field({"type": "array", "nullable": True, "maxItems": MOST_TOOLS, "items": _TOOL})
class ToolsField(_CheckedField):
    """Tools that the model may call."""

    check = staticmethod(tool_faults)


class CallFormatField(ResponseFormatField):
    """The answer's format; its schema is one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_null=True, **kwargs)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        value = super().to_internal_value(data)
        refuse(format_faults(value), below=self.field_name)
        return value


class CallSerializer(StrictSerializer):
    """The parts of a whole call that may stand beside a template's texts, or in their place."""

    messages = MessagesField(required=False, help_text="In the place of prompt and system_prompt.")
    tools = ToolsField(required=False)
    response_format = CallFormatField(required=False)
    model_id = serializers.RegexField(
        r"^[^/\s]+/\S+$", max_length=255, required=False, allow_null=True, allow_blank=True, help_text="provider/model"
    )
