"""ExecutionParameters: what a model may be told beside its prompt; kept by templates and by executions alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from foundation.json_schema.reach import InvalidSchema
from foundation.json_schema.validators import validator_of
from foundation.problems import FieldError
from foundation.rest.serializers import StrictSerializer, TextField
from foundation.words import number

FORBIDDEN: Final = frozenset(
    {
        "api_base",
        "api_key",
        "api_type",
        "api_version",
        "base_url",
        "callbacks",
        "custom_llm_provider",
        "extra_headers",
        "headers",
        "model_list",
        "organization",
        "user_config",
    }
)
"""Names by which other gateways let a caller steer a provider's address or key."""


def refuse_names(value: dict[str, Any], names: frozenset[str], message: str) -> None:
    """A validation error at each key of `value` that is one of `names`."""
    found = sorted(names & value.keys())
    if found:
        detail = serializers.ErrorDetail(message, code="forbidden")
        raise serializers.ValidationError({name: [detail] for name in found})


@extend_schema_field(
    {
        "anyOf": [
            {"type": "string", "enum": ["text", "json_object"]},
            {
                "type": "object",
                "properties": {"type": {"type": "string", "enum": ["text", "json_object"]}},
                "required": ["type"],
                "additionalProperties": False,
            },
            {
                "type": "object",
                "properties": {
                    "type": {"const": "json_schema"},
                    "json_schema": {
                        "type": "object",
                        "properties": {
                            "name": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
                            "description": {"type": "string"},
                            "schema": {"type": "object"},
                            "strict": {"type": ["boolean", "null"]},
                        },
                        "required": ["schema"],
                        "additionalProperties": False,
                    },
                },
                "required": ["type", "json_schema"],
                "additionalProperties": False,
            },
        ]
    }
)
class ResponseFormatField(serializers.JSONField):
    """`text`, `json_object`, or `{"type": "json_schema", "json_schema": {name, description, schema, strict}}`."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        value = self.shaped(data)
        if found := [*response_format_errors(value)]:
            raise serializers.ValidationError(_nested(found))
        return value

    def shaped(self, data: Any) -> dict[str, Any]:
        """The format in its shape, its schema unread."""
        value: Any = {"type": data} if isinstance(data, str) else super().to_internal_value(data)
        kind = value.get("type") if isinstance(value, dict) else None
        if kind in ("text", "json_object") and value.keys() == {"type"}:
            return dict(value)
        if kind == "json_schema" and value.keys() == {"type", "json_schema"}:
            inner = value["json_schema"]
            if isinstance(inner, dict) and isinstance(inner.get("schema"), dict):
                return dict(value)
        raise serializers.ValidationError(
            'One of "text", "json_object" or {"type": "json_schema", "json_schema": {"name", "schema"}} is expected.'
        )


class KeptResponseFormatField(ResponseFormatField):
    """The format of an execution that is over: nothing is asked by it any more."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        return self.shaped(data)


def response_format_errors(value: Any) -> Iterator[FieldError]:
    """What is wrong with a format's schema and the words beside it; `field` is relative to the format."""
    inner = value.get("json_schema") if isinstance(value, dict) else None
    if not isinstance(inner, dict):
        return
    for name in sorted(inner.keys() - {*_BESIDE_THE_SCHEMA, "schema"}):
        yield FieldError(f"json_schema.{name}", "unknown", "There is no such field.")
    for name, (holds, message) in _BESIDE_THE_SCHEMA.items():
        if name in inner and not holds(inner[name]):
            yield FieldError(f"json_schema.{name}", "invalid", message)
    try:
        validator_of(inner.get("schema"))
    except InvalidSchema as error:
        yield FieldError(".".join(("json_schema.schema", *error.path)), "invalid_schema", str(error))


def _nested(found: list[FieldError]) -> dict[str, Any]:
    """Errors at dotted places as REST framework tells them."""
    return {error.field: [serializers.ErrorDetail(error.message, code=error.code)] for error in found}


_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_BESIDE_THE_SCHEMA: Final[dict[str, tuple[Callable[[Any], bool], str]]] = {
    # As OpenAI's API reference has it ("response_format", json_schema).
    "name": (
        lambda value: isinstance(value, str) and bool(_NAME.fullmatch(value)),
        "A name is 1 to 64 letters, digits, underscores or hyphens.",
    ),
    "description": (
        lambda value: isinstance(value, str) and len(value) <= 4_000,
        f"Up to {number(4_000)} characters of text.",
    ),
    "strict": (lambda value: value is None or isinstance(value, bool), "true, false or null is expected."),
}


@extend_schema_field(
    {
        "anyOf": [
            {"type": "string", "enum": ["auto", "none", "required"]},
            {
                "type": "object",
                "properties": {"name": {"type": "string"}},
                "required": ["name"],
                "additionalProperties": False,
            },
        ]
    }
)
class ToolChoiceField(serializers.JSONField):
    """`auto`, `none`, `required`, or `{"name": tool}`."""

    def to_internal_value(self, data: Any) -> Any:
        value: Any = super().to_internal_value(data)
        if value in ("auto", "none", "required"):
            return value
        if isinstance(value, dict) and value.keys() == {"name"} and isinstance(value["name"], str):
            return value
        raise serializers.ValidationError('One of "auto", "none", "required" or {"name": …} is expected.')


class ParametersSerializer(StrictSerializer):
    """ExecutionParameters: each may be left out, then the provider's own default holds."""

    temperature = serializers.FloatField(min_value=0, max_value=2, required=False)
    max_tokens = serializers.IntegerField(min_value=1, max_value=1_000_000, required=False)
    top_p = serializers.FloatField(min_value=0, max_value=1, required=False)
    frequency_penalty = serializers.FloatField(min_value=-2, max_value=2, required=False)
    presence_penalty = serializers.FloatField(min_value=-2, max_value=2, required=False)
    stop_sequences = serializers.ListField(
        child=TextField(max_length=200), max_length=8, required=False, help_text="Up to 8 texts that end the answer."
    )
    seed = serializers.IntegerField(min_value=-(2**53), max_value=2**53, required=False)
    response_format = ResponseFormatField(required=False)
    reasoning_effort = serializers.ChoiceField(choices=["minimal", "low", "medium", "high"], required=False)
    tool_choice = ToolChoiceField(required=False)
    fallback_models = serializers.ListField(
        child=serializers.CharField(max_length=255),
        max_length=5,
        required=False,
        help_text="Tried in order when the model fails before it has shown anything.",
    )
    timeout = serializers.FloatField(
        min_value=1, max_value=600, required=False, help_text="Seconds for the whole run; 300 when left out."
    )
    max_cost = serializers.FloatField(
        min_value=0,
        max_value=1_000_000,
        required=False,
        help_text="USD that the run may cost at most, all its attempts together; refused where it could cost more.",
    )
    cache = serializers.BooleanField(
        required=False, help_text="Whether an equal earlier run of yours may answer; on by itself at temperature 0."
    )

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            refuse_names(data, FORBIDDEN, "Providers are set up by administrators only.")
        return super().to_internal_value(data)


class KeptParametersSerializer(ParametersSerializer):
    """Parameters that an execution had: a schema that is refused today is no reason to lose it."""

    response_format = KeptResponseFormatField(required=False)
