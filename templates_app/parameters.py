"""ExecutionParameters: what a model may be told beside its prompt; kept by templates and by executions alike."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from foundation.rest.serializers import StrictSerializer, TextField

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
                        "properties": {"name": {"type": "string"}, "schema": {"type": "object"}},
                        "required": ["schema"],
                    },
                },
                "required": ["type", "json_schema"],
                "additionalProperties": False,
            },
        ]
    }
)
class ResponseFormatField(serializers.JSONField):
    """`text`, `json_object`, or `{"type": "json_schema", "json_schema": {"name", "schema"}}`."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        value: Any = {"type": data} if isinstance(data, str) else super().to_internal_value(data)
        kind = value.get("type") if isinstance(value, dict) else None
        if kind in ("text", "json_object") and value.keys() == {"type"}:
            return dict(value)
        if kind == "json_schema" and value.keys() == {"type", "json_schema"}:
            inner = value["json_schema"]
            if isinstance(inner, dict) and isinstance(inner.get("schema"), dict) and _is_named(inner):
                return dict(value)
        raise serializers.ValidationError(
            'One of "text", "json_object" or {"type": "json_schema", "json_schema": {"name", "schema"}} is expected.'
        )


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


def _is_named(schema: dict[str, Any]) -> bool:
    return isinstance(schema.get("name", ""), str)


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
