"""What may be sent to the doors of replays and comparisons."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from foundation.serializers import StrictSerializer, TextField
from playground.serializers import ExecuteSerializer, PromptExecutionSerializer
from templates_app.parameters import ParametersSerializer


class ReplaySerializer(StrictSerializer):
    """What is to be other than in the execution that is run again."""

    model_id = serializers.RegexField(r"^[^/\s]+/\S+$", max_length=255, required=False)
    parameters = ParametersSerializer(required=False, help_text="In the place of the old ones.")
    prompt = TextField(required=False)
    system_prompt = TextField(required=False, allow_blank=True)


class VariantSerializer(ReplaySerializer):
    """What is sent to one of the models; `parameters` are laid over the shared ones."""

    model_id = serializers.RegexField(r"^[^/\s]+/\S+$", max_length=255)


class ComparisonSerializer(ExecuteSerializer):
    """Body of POST /api/comparisons: what all share, and two to six variants."""

    variants: Any = serializers.ListSerializer(child=VariantSerializer(), min_length=2, max_length=6)

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        del fields["model_id"]
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        # What belongs together is judged variant by variant, by the rules of a single execution.
        return attrs


class VoteSerializer(StrictSerializer):
    """Which execution is best; null: none is."""

    execution_id = serializers.UUIDField(allow_null=True)


class ComparisonJSON(serializers.Serializer[Any]):
    """A comparison with its executions, in the order of the variants."""

    id = serializers.UUIDField()
    session_id = serializers.UUIDField()
    user_id = serializers.UUIDField()
    created_at = serializers.DateTimeField()
    executions = PromptExecutionSerializer(many=True)
    votes = serializers.DictField(child=serializers.IntegerField(), help_text="{execution id: votes}")
    ties = serializers.IntegerField()
    has_voted = serializers.BooleanField()
    my_vote = serializers.UUIDField(allow_null=True)
