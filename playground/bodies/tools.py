"""What may be sent to the doors of tools: the rules, and the API's description of them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from foundation.rest.serializers import StrictSerializer, TextField
from foundation.words import number
from playground.bodies.confirmation import ConfirmCostField
from playground.bodies.execution import LONGEST_CALL_ID
from playground.tools.calling import LONGEST_ERROR, MOST_ARGUMENTS

MOST_CALLS = 64


class TryToolSerializer(StrictSerializer):
    """Body of `POST /api/tools/{name}/test`."""

    parameters: Any = serializers.DictField(help_text="Arguments, by the tool's schema.")


class CallResultSerializer(StrictSerializer):
    """What a call came to, run by its caller or changed by a person."""

    id = serializers.CharField(max_length=LONGEST_CALL_ID)
    result: Any = serializers.JSONField(required=False, help_text=f"Any JSON, up to {number(MOST_ARGUMENTS)} bytes.")
    error = TextField(required=False, max_length=LONGEST_ERROR)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("result" in attrs) == ("error" in attrs):
            raise serializers.ValidationError({"result": ["Send a result or an error."]}, code="contradiction")
        return attrs


class ResumeSerializer(StrictSerializer):
    """Body of `POST /api/executions/{id}/resume`; calls of one round. Without any, it goes on after the last round."""

    results: Any = serializers.ListSerializer(child=CallResultSerializer(), required=False, max_length=MOST_CALLS)
    approve: Any = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_CALL_ID),
        required=False,
        max_length=MOST_CALLS,
        help_text="Calls that await approval, to be run now.",
    )
    refuse: Any = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_CALL_ID),
        required=False,
        max_length=MOST_CALLS,
        help_text="Calls that are not to be run; the model is told so.",
    )
    confirm_cost = ConfirmCostField()


class ToolJSON(serializers.Serializer[Any]):
    """A registered tool."""

    name = serializers.CharField()
    category = serializers.CharField()
    description = serializers.CharField()
    parameters = serializers.DictField(help_text="JSON Schema of the arguments.")
    examples = serializers.ListField(child=serializers.DictField())
    needs_approval = serializers.BooleanField(help_text="Whether a person has to allow every call.")
    is_available = serializers.BooleanField()
    unavailable_reason = serializers.CharField()


class ToolListJSON(serializers.Serializer[Any]):
    """All of them: they are few, and come on one page."""

    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = ToolJSON(many=True)


class ToolTriedJSON(serializers.Serializer[Any]):
    """What a tool came to, tried alone."""

    tool_name = serializers.CharField()
    parameters = serializers.DictField()
    status = serializers.ChoiceField(choices=["completed", "failed"])
    result = serializers.JSONField(required=False)
    error = serializers.CharField(required=False)
    truncated = serializers.BooleanField(required=False)
    execution_time = serializers.FloatField(help_text="seconds")
    timestamp = serializers.DateTimeField()
