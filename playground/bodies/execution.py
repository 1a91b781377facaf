"""What may be sent to the execution doors: the rules, and the API's description of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson
from rest_framework import serializers

from foundation.rest.serializers import LONGEST_TEXT, StrictSerializer, TextField
from foundation.words import number
from playground.bodies.confirmation import ConfirmCostField
from playground.bodies.parts import AttachmentsField, ContentField, PromptField, refuse_files_in
from providers.parts import shapes
from templates_app.parameters import FORBIDDEN, ParametersSerializer, refuse_names

LARGEST_METADATA: Final = 16 * 1024
KEPT_FOR_US: Final = frozenset(
    {
        "time_to_first_token",
        "answer_time",
        "provider",
        "attempts",
        "fallback_from",
        "cached",
        "finish_reason",
        "request_id",
        "dropped_parameters",
        "dropped_reasons",
        "price_known",
        "usage_source",
        "usage_estimated",
        "service_tier",
        "priced_above_tokens",
        "provider_finish_reason",
        "answered_model",
        "replay_of",
        "retry_at",
        "repetition",
        "form_row",
        "schema_valid",
        "schema_error",
        "late_error",
        "tool_rounds",
        "resumes",
        "traffic_split",
        "otel_trace",
        "texts_not_sent",
    }
)
LONGEST_CALL_ID: Final = 16_384
"""Gemini's ids of calls carry its signature, and it wants that back."""
MOST_TOOLS: Final = 64
ROLES: Final = ("system", "user", "assistant", "tool")


def _within(value: dict[str, Any], most_bytes: int) -> dict[str, Any]:
    if len(orjson.dumps(value)) > most_bytes:
        raise serializers.ValidationError(f"Up to {number(most_bytes)} bytes of JSON are taken.", code="too_large")
    return value


class MessageSerializer(StrictSerializer):
    """One turn of a conversation, in OpenAI's shape."""

    role = serializers.ChoiceField(choices=ROLES)
    content = ContentField(required=False, allow_null=True)
    name = serializers.CharField(max_length=64, required=False)
    tool_calls = serializers.ListField(child=serializers.DictField(), max_length=64, required=False)
    tool_call_id = serializers.CharField(max_length=LONGEST_CALL_ID, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        refuse_files_in(attrs["role"], attrs.get("content"))
        return attrs


class ToolSerializer(StrictSerializer):
    """A tool that the model may call."""

    name = serializers.RegexField(r"^[A-Za-z0-9_-]{1,64}$")
    description = serializers.CharField(max_length=4_000, required=False, allow_blank=True, default="")
    parameters = serializers.DictField(required=False, help_text="JSON Schema of the arguments.")
    registered = serializers.BooleanField(
        required=False,
        help_text="One of `GET /api/tools`, by its name: it is run here, and the model goes on with its result. "
        "Description and parameters are its own.",
    )
    needs_approval = serializers.BooleanField(
        required=False, help_text="Of a registered tool: a person has to allow each call (told, not asked for)."
    )

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """A name alone is a registered tool."""
        checked: dict[str, Any] = super().to_internal_value(
            {"name": data, "registered": True} if isinstance(data, str) else data
        )
        return checked


class ExecuteSerializer(StrictSerializer):
    """Body of `POST /api/prompts/execute` and `/api/prompts/execute/stream`."""

    session_id = serializers.UUIDField(required=False, help_text="Your default session when left out.")
    model_id = serializers.RegexField(
        r"^[^/\s]+/\S+$", max_length=255, required=False, help_text="provider/model; the template's when left out"
    )
    prompt = PromptField(required=False, help_text="Text, or a list of parts.")
    attachments = AttachmentsField(
        required=False, help_text="Images and files before the prompt's text, that of a template too."
    )
    messages: Any = serializers.ListSerializer(child=MessageSerializer(), required=False, max_length=500)
    system_prompt = TextField(required=False, allow_blank=True)
    parameters = ParametersSerializer(required=False)
    context: Any = serializers.DictField(
        required=False, help_text="Facts given to the model with the system prompt, as JSON."
    )
    tools: Any = serializers.ListSerializer(child=ToolSerializer(), required=False, max_length=MOST_TOOLS)
    metadata = serializers.DictField(required=False, help_text="Your own notes; all but `tags` are sealed.")
    template_id = serializers.UUIDField(required=False, help_text="In the place of prompt: a template to render.")
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    label: Any = serializers.CharField(max_length=50, required=False, help_text="The version it points at.")
    sticky_key = serializers.CharField(
        max_length=200,
        required=False,
        help_text="With a label whose traffic is split: the same key gets the same version. Kept as a hash alone.",
    )
    variables = serializers.DictField(
        required=False, help_text="Values of the template's variables; with a prompt, of the `{{name}}` in it."
    )
    confirm_cost = ConfirmCostField()
    parent_id = serializers.UUIDField(
        required=False, help_text="An execution of the session that this turn continues: its turns go along."
    )

    def validate_context(self, value: dict[str, Any]) -> dict[str, Any]:
        refuse_names(value, FORBIDDEN, "Providers are set up by administrators only.")
        return _within(value, LONGEST_TEXT)

    def validate_metadata(self, value: dict[str, Any]) -> dict[str, Any]:
        refuse_names(value, FORBIDDEN | KEPT_FOR_US, "This name is kept for the service.")
        return _within(value, LARGEST_METADATA)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "model_id" not in attrs and "template_id" not in attrs:
            message = serializers.ErrorDetail("This field is required.", code="required")
            raise serializers.ValidationError({"model_id": [message]})
        _refuse_together(attrs, "prompt", "template_id")
        _refuse_together(attrs, "messages", "parent_id")
        _refuse_together(attrs, "version", "label")
        if "sticky_key" in attrs and "label" not in attrs:
            message = serializers.ErrorDetail("It belongs to a label, and there is none.", code="alone")
            raise serializers.ValidationError({"sticky_key": [message]})
        if "template_id" in attrs:
            return attrs
        if alone := [name for name in ("version", "label") if name in attrs]:
            message = serializers.ErrorDetail("It belongs to a template_id, and there is none.", code="alone")
            raise serializers.ValidationError({name: [message] for name in alone})
        if not attrs.get("messages") and not attrs.get("attachments") and shapes.is_blank(attrs.get("prompt")):
            message = serializers.ErrorDetail("There is no prompt: write one, or give messages.", code="required")
            raise serializers.ValidationError({"prompt": [message]})
        return attrs


def _refuse_together(attrs: dict[str, Any], one: str, other: str) -> None:
    if one in attrs and other in attrs:
        message = serializers.ErrorDetail(f"Send {one} or {other}, not both.", code="contradiction")
        raise serializers.ValidationError({other: [message]})


COST_ITEMS: Final = ("input", "cache_read", "cache_write", "output", "reasoning", "attempt")


class UsageDetailsSerializer(serializers.Serializer[Any]):
    """Parts of the counts, as the provider tells them; null where it does not."""

    cache_read_tokens = serializers.IntegerField(allow_null=True, help_text="Of the input: read from its cache.")
    cache_write_tokens = serializers.IntegerField(allow_null=True, help_text="Of the input: written to its cache.")
    reasoning_tokens = serializers.IntegerField(allow_null=True, help_text="Of the output.")
    input_image_tokens = serializers.IntegerField(allow_null=True)
    input_audio_tokens = serializers.IntegerField(allow_null=True)


class CostLineSerializer(serializers.Serializer[Any]):
    """Quantity times price, to the 8th place."""

    item = serializers.ChoiceField(
        choices=COST_ITEMS, help_text="`reasoning` only where priced apart; `attempt`: an earlier one that was billed."
    )
    quantity = serializers.IntegerField(help_text="tokens")
    unit_price_per_million = serializers.FloatField(help_text="USD; of an attempt, what its tokens cost on average")
    cost = serializers.FloatField(help_text="USD")
    note = serializers.CharField(
        required=False, help_text="What sets the line apart: images, audio, 1 hour, an attempt's model."
    )


class UsageSerializer(serializers.Serializer[Any]):
    """TokenUsage of the last attempt; the cost, in USD, is that of all."""

    prompt_tokens = serializers.IntegerField(help_text="All input, cached included.")
    completion_tokens = serializers.IntegerField(help_text="All output, reasoning included.")
    total_tokens = serializers.IntegerField()
    estimated_cost = serializers.FloatField(help_text="All attempts together.")
    details = UsageDetailsSerializer()
    cost_lines = CostLineSerializer(
        many=True,
        help_text="They add up to `estimated_cost`, to the last digit as written (of floats: rounded to the 8th "
        "place). Empty: free, the price unknown, or billed before lines were kept.",
    )


class ErrorSerializer(serializers.Serializer[Any]):
    """Why an execution failed."""

    code = serializers.CharField()
    message = serializers.CharField()


class TemplateUsedSerializer(serializers.Serializer[Any]):
    """The exact version that was run."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    partials = serializers.ListField(
        child=serializers.DictField(), required=False, help_text="[{id, version}] of what was inserted, where there was"
    )


class ProviderToolSerializer(serializers.Serializer[Any]):
    """A tool that the provider itself ran for the model; `result` once that has come."""

    id = serializers.CharField()
    tool_name = serializers.CharField()
    arguments = serializers.JSONField()
    result = serializers.JSONField(required=False)


class PromptExecutionSerializer(serializers.Serializer[Any]):
    """PromptExecution, as `playground.representation` writes it (this class only describes it)."""

    id = serializers.UUIDField()
    session_id = serializers.UUIDField()
    user_id = serializers.UUIDField()
    model_id = serializers.CharField()
    prompt = PromptField(help_text="Text, or the parts that were sent.")
    system_prompt = serializers.CharField(allow_null=True)
    messages = MessageSerializer(many=True)
    parameters = ParametersSerializer()
    context: Any = serializers.DictField()
    tools = ToolSerializer(many=True)
    response = serializers.CharField()
    reasoning = serializers.CharField(allow_null=True)
    usage = UsageSerializer()
    tool_executions = serializers.ListField(
        child=serializers.DictField(),
        help_text="{id, tool_name, arguments, status}; of a registered tool {result | error, execution_time} as well,"
        " and `round`, where the model went on after it. `requested`: the caller's to run; `awaiting_approval`: a"
        " person's to allow; `completed`, `failed`: run; `incomplete`: the answer ended in the middle of the call, and"
        " its arguments are the text that had come.",
    )
    rounds = serializers.ListField(
        child=serializers.DictField(),
        required=False,
        help_text="{response?, reasoning?}: what the model said with its calls of tools, before its answer.",
    )
    provider_tools = ProviderToolSerializer(many=True)
    execution_time = serializers.FloatField(allow_null=True, help_text="seconds")
    timestamp = serializers.DateTimeField()
    status = serializers.ChoiceField(choices=["pending", "running", "completed", "failed", "cancelled"])
    error = ErrorSerializer(allow_null=True)
    template = TemplateUsedSerializer(allow_null=True)
    variables = serializers.DictField()
    parent_id = serializers.UUIDField(allow_null=True)
    comparison_id = serializers.UUIDField(allow_null=True)
    metadata = serializers.DictField(
        help_text="What the service notes of the run, above your own notes. Where JSON was asked for, `schema_valid`"
        " (null: cut, refused, a tool's call, or not checked) and `schema_error{pointer, keyword, message}`; the answer"
        " is judged as it came, so JSON in a Markdown fence does not fit. `late_error{code, message}`: what the"
        " provider said went wrong after it had said why its answer ended."
    )


_RULES: Final = ExecuteSerializer()


def check(body: Mapping[str, Any]) -> dict[str, Any]:
    """A body by the rules of POST /api/prompts/execute; raises REST framework's ValidationError."""
    checked: dict[str, Any] = _RULES.run_validation(body)
    return checked
