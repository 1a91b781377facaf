"""What may be sent to the execution doors: the rules, and the API's description of them."""

from __future__ import annotations

from typing import Any, Final

import orjson
from rest_framework import serializers

from foundation.serializers import StrictSerializer

LONGEST_TEXT: Final = 1_000_000
LARGEST_METADATA: Final = 16 * 1024
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
KEPT_FOR_US: Final = frozenset(
    {
        "time_to_first_token",
        "provider",
        "attempts",
        "fallback_from",
        "cached",
        "finish_reason",
        "request_id",
        "dropped_parameters",
        "price_known",
        "usage_source",
        "answered_model",
        "replay_of",
    }
)
ROLES: Final = ("system", "user", "assistant", "tool")


def _refuse_names(value: dict[str, Any], names: frozenset[str], message: str) -> None:
    found = sorted(names & value.keys())
    if found:
        detail = serializers.ErrorDetail(message, code="forbidden")
        raise serializers.ValidationError({name: [detail] for name in found})


def _within(value: dict[str, Any], most_bytes: int) -> dict[str, Any]:
    if len(orjson.dumps(value)) > most_bytes:
        raise serializers.ValidationError(f"Up to {most_bytes} bytes of JSON are taken.", code="too_large")
    return value


class TextField(serializers.CharField):
    """Text as it is: not trimmed, up to 1,000,000 characters."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", LONGEST_TEXT)
        super().__init__(trim_whitespace=False, **kwargs)


class ResponseFormatField(serializers.JSONField):
    """`text`, `json_object`, or `{"type": "json_schema", "json_schema": {"name", "schema"}}`."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
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
    cache = serializers.BooleanField(
        required=False, help_text="Whether an equal earlier run of yours may answer; on by itself at temperature 0."
    )

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            _refuse_names(data, FORBIDDEN, "Providers are set up by administrators only.")
        return super().to_internal_value(data)


class ContentField(serializers.JSONField):
    """Text, or parts: `{"type": "text", "text"}` and `{"type": "image_url", "image_url": {"url": "data:image/…"}}`."""

    def to_internal_value(self, data: Any) -> Any:
        value: Any = super().to_internal_value(data)
        if value is None or (isinstance(value, str) and len(value) <= LONGEST_TEXT):
            return value
        if isinstance(value, list) and value and all(_is_part(part) for part in value):
            return value
        raise serializers.ValidationError("Text, or a list of text and image_url parts, is expected.")


def _is_part(part: Any) -> bool:
    match part:
        case {"type": "text", "text": str(text)}:
            return len(text) <= LONGEST_TEXT
        case {"type": "image_url", "image_url": {"url": str(url)}}:
            return url.startswith(("data:image/", "https://"))
    return False


class MessageSerializer(StrictSerializer):
    """One turn of a conversation, in OpenAI's shape."""

    role = serializers.ChoiceField(choices=ROLES)
    content = ContentField(required=False, allow_null=True)
    name = serializers.CharField(max_length=64, required=False)
    tool_calls = serializers.ListField(child=serializers.DictField(), max_length=64, required=False)
    tool_call_id = serializers.CharField(max_length=255, required=False)


class ToolSerializer(StrictSerializer):
    """A tool that the model may call."""

    name = serializers.RegexField(r"^[A-Za-z0-9_-]{1,64}$")
    description = serializers.CharField(max_length=4_000, required=False, default="")
    parameters = serializers.DictField(required=False, help_text="JSON Schema of the arguments.")


class ExecuteSerializer(StrictSerializer):
    """Body of `POST /api/prompts/execute` and `/api/prompts/execute/stream`."""

    session_id = serializers.UUIDField(required=False, help_text="Your default session when left out.")
    model_id = serializers.RegexField(r"^[^/\s]+/\S+$", max_length=255, help_text="provider/model")
    prompt = TextField(required=False)
    messages: Any = serializers.ListSerializer(child=MessageSerializer(), required=False, max_length=500)
    system_prompt = TextField(required=False, allow_blank=True)
    parameters = ParametersSerializer(required=False)
    context: Any = serializers.DictField(
        required=False, help_text="Facts given to the model with the system prompt, as JSON."
    )
    tools: Any = serializers.ListSerializer(child=ToolSerializer(), required=False, max_length=64)
    metadata = serializers.DictField(required=False, help_text="Your own notes; not encrypted.")

    def validate_context(self, value: dict[str, Any]) -> dict[str, Any]:
        _refuse_names(value, FORBIDDEN, "Providers are set up by administrators only.")
        return _within(value, LONGEST_TEXT)

    def validate_metadata(self, value: dict[str, Any]) -> dict[str, Any]:
        _refuse_names(value, FORBIDDEN | KEPT_FOR_US, "This name is kept for the service.")
        return _within(value, LARGEST_METADATA)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.get("messages") and not attrs.get("prompt", "").strip():
            message = serializers.ErrorDetail("There is no prompt: write one, or give messages.", code="required")
            raise serializers.ValidationError({"prompt": [message]})
        return attrs


class UsageSerializer(serializers.Serializer[Any]):
    """TokenUsage; the cost is in USD."""

    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()
    total_tokens = serializers.IntegerField()
    estimated_cost = serializers.FloatField()


class ErrorSerializer(serializers.Serializer[Any]):
    """Why an execution failed."""

    code = serializers.CharField()
    message = serializers.CharField()


class PromptExecutionSerializer(serializers.Serializer[Any]):
    """PromptExecution, as `playground.representation` writes it (this class only describes it)."""

    id = serializers.UUIDField()
    session_id = serializers.UUIDField()
    user_id = serializers.UUIDField()
    model_id = serializers.CharField()
    prompt = serializers.CharField()
    system_prompt = serializers.CharField(allow_null=True)
    messages = MessageSerializer(many=True)
    parameters = ParametersSerializer()
    context: Any = serializers.DictField()
    tools = ToolSerializer(many=True)
    response = serializers.CharField()
    reasoning = serializers.CharField(allow_null=True)
    usage = UsageSerializer()
    tool_executions = serializers.ListField(child=serializers.DictField())
    execution_time = serializers.FloatField(allow_null=True, help_text="seconds")
    timestamp = serializers.DateTimeField()
    status = serializers.ChoiceField(choices=["pending", "running", "completed", "failed", "cancelled"])
    error = ErrorSerializer(allow_null=True)
    template = serializers.DictField(allow_null=True)
    variables = serializers.DictField()
    metadata = serializers.DictField()
