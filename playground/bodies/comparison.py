"""What may be sent to the doors of replays and comparisons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rest_framework import serializers

from accounts.models import User
from foundation.problems import FieldError, field_errors, invalid
from foundation.rest.serializers import StrictSerializer, TextField
from playground.bodies.confirmation import ConfirmCostField
from playground.bodies.execution import ExecuteSerializer, PromptExecutionSerializer, check
from playground.bodies.parts import PromptField
from playground.bodies.resolve import resolve
from playground.comparing import at_variant, placed
from playground.engine.ask import Ask
from playground.models import Origin
from providers.parts.shapes import text_of
from templates_app.parameters import ParametersSerializer
from templates_app.rendering.placeholders import names_in


class VariedSerializer(StrictSerializer):
    """What one execution may have other than another."""

    model_id = serializers.RegexField(r"^[^/\s]+/\S+$", max_length=255, required=False)
    parameters = ParametersSerializer(required=False, help_text="In the place of the old ones.")
    prompt = PromptField(required=False)
    system_prompt = TextField(required=False, allow_blank=True)


class ReplaySerializer(VariedSerializer):
    """What is to be other than in the execution that is run again."""

    confirm_cost = ConfirmCostField()


class VariantSerializer(VariedSerializer):
    """What is sent to one of the models; `parameters` are laid over the shared ones."""

    model_id = serializers.RegexField(r"^[^/\s]+/\S+$", max_length=255)
    template_id = serializers.UUIDField(required=False, help_text="In the place of the shared prompt or template.")
    version = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, required=False, help_text="Of this template, or of the shared one."
    )
    label: Any = serializers.CharField(max_length=50, required=False, help_text="The version it points at.")
    variables = serializers.DictField(required=False, help_text="In the place of the shared values.")


class ComparisonSerializer(ExecuteSerializer):
    """Body of POST /api/comparisons: what all share, and two to six variants."""

    variants: Any = serializers.ListSerializer(child=VariantSerializer(), min_length=2, max_length=6)

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        # A comparison is an experiment of its own, and takes part in no split.
        del fields["model_id"], fields["sticky_key"]
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


def variants_of(asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each variant as a checked body of its own; raises a Problem that names the variant."""
    shared = {name: value for name, value in asked.items() if name != "variants"}
    bodies, errors = [], list[FieldError]()
    for position, variant in enumerate(asked["variants"]):
        parameters = {**shared.get("parameters", {}), **variant.get("parameters", {})}
        body = {**shared, **variant, "parameters": parameters}
        if "prompt" in variant:
            body = _with_its_own(body, variant)
        elif not variant.keys().isdisjoint(_OF_A_TEMPLATE):
            body = _with_its_version(body, variant)
        try:
            bodies.append(check(body))
        except serializers.ValidationError as error:
            errors += placed(field_errors(error.detail), position, variant)
    if errors:
        raise invalid(dict.fromkeys(errors))
    return bodies


async def asks_of(user: User, asked: Mapping[str, Any]) -> list[Ask]:
    """What each variant asks for; a Problem names the variant that does not hold."""
    pairs = enumerate(zip(variants_of(asked), asked["variants"], strict=True))
    return [
        await at_variant(position, resolve(user, body, origin=Origin.COMPARISON), variant)
        for position, (body, variant) in pairs
    ]


_OF_A_TEMPLATE: Final = ("template_id", "version", "label")


def _with_its_own(body: Mapping[str, Any], variant: Mapping[str, Any]) -> dict[str, Any]:
    """A prompt of its own takes the shared template's place, and of the shared values those that it names."""
    own = {name: value for name, value in body.items() if name not in _OF_A_TEMPLATE or name in variant}
    if "variables" in own and "variables" not in variant:
        names = names_in(text_of(own["prompt"]), str(own.get("system_prompt") or ""))
        own["variables"] = {name: value for name, value in own["variables"].items() if name in names}
    return own


def _with_its_version(body: Mapping[str, Any], variant: Mapping[str, Any]) -> dict[str, Any]:
    """A version of its own takes the place of the shared prompt, and of the shared version or label."""
    replaced = {"prompt", "system_prompt", "version", "label"}
    return {name: value for name, value in body.items() if name not in replaced or name in variant}
