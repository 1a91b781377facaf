"""What a bundle may hold. It comes from a file that anybody may have written: every figure has a bound."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from rest_framework import serializers

from foundation.rest.serializers import StrictSerializer, TextField
from history.importing.feedback_rules import MOST_SAID, CommentRules, RatingRules
from history.importing.fields import LONGEST_RUN, MomentField, NotesField, NumberField
from playground.bodies.execution import COST_ITEMS, LONGEST_CALL_ID
from playground.bodies.parts import PromptField
from playground.representation import DETAILS
from providers.catalogue.bill import SMALLEST_COST
from providers.catalogue.facts import HIGHEST_PRICE
from sessions_app.api.bodies import SessionSerializer

FINAL: Final = ("completed", "failed", "cancelled")
ROLES: Final = ("system", "user", "assistant", "tool")
LONGEST_ANSWER: Final = 8 * 2**20
MOST_TOKENS: Final = 10**12
HIGHEST_COST: Final = 10**6
MOST_LINES: Final = 100
LONGEST_LINE_NOTE: Final = 255


def as_cost(value: float) -> Decimal:
    """USD as they are stored."""
    return Decimal(str(value)).quantize(SMALLEST_COST)


class TurnRules(StrictSerializer):
    """One earlier turn, in OpenAI's shape."""

    role = serializers.ChoiceField(choices=ROLES)
    content = serializers.JSONField(required=False, allow_null=True)
    name = serializers.CharField(max_length=64, required=False)
    tool_calls = serializers.ListField(child=serializers.DictField(), max_length=64, required=False)
    tool_call_id = serializers.CharField(max_length=LONGEST_CALL_ID, required=False)

    def validate_content(self, value: Any) -> Any:
        is_parts = isinstance(value, list) and all(isinstance(part, dict) for part in value)
        if value is None or isinstance(value, str) or is_parts:
            return value
        raise serializers.ValidationError("Text, or a list of parts, is expected.")


class DetailsRules(StrictSerializer):
    """What the provider counted apart."""

    def get_fields(self) -> dict[str, Any]:
        return {
            name: serializers.IntegerField(min_value=0, max_value=MOST_TOKENS, required=False, allow_null=True)
            for name in DETAILS
        }


class CostLineRules(StrictSerializer):
    """One line of the bill."""

    item = serializers.ChoiceField(choices=COST_ITEMS)
    quantity = serializers.IntegerField(min_value=0, max_value=MOST_TOKENS)
    unit_price_per_million = NumberField(min_value=0, max_value=HIGHEST_PRICE)
    cost = NumberField(min_value=0, max_value=HIGHEST_COST)
    note = serializers.CharField(required=False, max_length=LONGEST_LINE_NOTE)


class ImportedPromptField(PromptField):
    """Text, which may be empty, or parts."""

    def to_internal_value(self, data: Any) -> Any:
        return data if data == "" else super().to_internal_value(data)


class UsageRules(StrictSerializer):
    """TokenUsage; the total is counted anew."""

    prompt_tokens = serializers.IntegerField(min_value=0, max_value=MOST_TOKENS)
    completion_tokens = serializers.IntegerField(min_value=0, max_value=MOST_TOKENS)
    total_tokens = serializers.IntegerField(required=False)
    estimated_cost = NumberField(min_value=0, max_value=HIGHEST_COST)
    details = DetailsRules(required=False)
    cost_lines: Any = serializers.ListSerializer(child=CostLineRules(), required=False, max_length=MOST_LINES)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        lines = attrs.get("cost_lines")
        if lines and sum((as_cost(line["cost"]) for line in lines), Decimal(0)) != as_cost(attrs["estimated_cost"]):
            message = serializers.ErrorDetail("Its costs do not add up to estimated_cost.", code="sum")
            raise serializers.ValidationError({"cost_lines": [message]})
        return attrs


class FailureRules(StrictSerializer):
    """Why it failed."""

    code = serializers.RegexField(r"^[a-z][a-z0-9_]{0,49}$")
    message = TextField(max_length=10_000, allow_blank=True)


class PartialLinkRules(StrictSerializer):
    """A version that was inserted into it."""

    id = serializers.UUIDField()
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class TemplateLinkRules(StrictSerializer):
    """The template version that it ran."""

    id = serializers.UUIDField()
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    partials: Any = serializers.ListSerializer(child=PartialLinkRules(), required=False, max_length=1_000)


class ExecutionRules(StrictSerializer):
    """One PromptExecution that has ended; ids of people and of the old session are read and not kept."""

    id = serializers.UUIDField(required=False)
    session_id = serializers.UUIDField(required=False, allow_null=True)
    user_id = serializers.UUIDField(required=False, allow_null=True)
    model_id = serializers.RegexField(r"^[^/\s]+/\S+$", max_length=255)
    prompt = ImportedPromptField(required=False, default="")
    system_prompt = TextField(required=False, allow_null=True, allow_blank=True)
    messages: Any = serializers.ListSerializer(child=TurnRules(), required=False, max_length=500)
    parameters: Any = serializers.DictField(required=False)
    context: Any = serializers.DictField(required=False)
    tools = serializers.ListField(child=serializers.DictField(), required=False, max_length=64)
    response = TextField(required=False, default="", allow_blank=True, max_length=LONGEST_ANSWER)
    reasoning = TextField(required=False, allow_null=True, allow_blank=True, max_length=LONGEST_ANSWER)
    usage = UsageRules()
    tool_executions = serializers.ListField(child=serializers.DictField(), required=False, max_length=1_000)
    provider_tools = serializers.ListField(child=serializers.DictField(), required=False, max_length=1_000)
    execution_time = NumberField(required=False, allow_null=True, min_value=0, max_value=LONGEST_RUN)
    timestamp = MomentField()
    status = serializers.ChoiceField(choices=FINAL)
    error = FailureRules(required=False, allow_null=True)
    template = TemplateLinkRules(required=False, allow_null=True)
    variables = serializers.DictField(required=False)
    metadata = NotesField(required=False)
    parent_id = serializers.UUIDField(required=False, allow_null=True)
    comparison_id = serializers.UUIDField(required=False, allow_null=True)
    comparison_position = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=1_000)
    ratings: Any = serializers.ListSerializer(child=RatingRules(), required=False, max_length=MOST_SAID)
    comments: Any = serializers.ListSerializer(child=CommentRules(), required=False, max_length=MOST_SAID)


class SessionRules(SessionSerializer):
    """The session, by the rules of POST /api/sessions; what is counted is counted anew."""

    id = serializers.UUIDField(required=False)
    metadata = NotesField(default=dict)
    execution_count = serializers.JSONField(required=False, allow_null=True)
    total_cost = serializers.JSONField(required=False, allow_null=True)
    created_at = MomentField(required=False, allow_null=True)
    archived_at = MomentField(required=False, allow_null=True)
    last_executed = serializers.JSONField(required=False, allow_null=True)
