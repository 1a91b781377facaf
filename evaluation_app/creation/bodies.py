"""What may be sent to the doors that make tests: the rules, and the API's description of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rest_framework import serializers

from evaluation_app.models.dataset import Split
from foundation.problems import FieldError, field_errors, invalid
from foundation.rest.serializers import StrictSerializer, TextField
from playground.bodies.confirmation import ConfirmCostField
from playground.bodies.execution import MOST_TOOLS, MessageSerializer, ToolSerializer, check
from playground.bodies.parts import AttachmentsField, PromptField
from templates_app.parameters import ParametersSerializer

MOST_CASES: Final = 10_000
MOST_RUNS: Final = 1_000
MOST_VARIANTS: Final = 8
MOST_SCORERS: Final = 20
LEAST_WEIGHT: Final = 0.001
MOST_WEIGHT: Final = 1_000.0
"""Of a case: beyond, one case would be the whole figure."""
OURS: Final = ("runs", "confidence", "max_cost", "early_stop")
"""Of a test's `parameters`: its own; what is left goes to the model."""
MODEL_ID: Final = r"^[^/\s]+/\S+$"
ASKED: Final = (
    "prompt", "attachments", "messages", "template_id", "version", "label", "system_prompt", "context", "tools",
    "model_id", "parameters",
)  # fmt: skip
"""Fields of a variant that an execution door knows too."""


class WeightField(serializers.FloatField):
    """How much a case counts."""

    def __init__(self, **kwargs: Any) -> None:
        told = "In the weighted figures, which stand beside those that count all cases alike; 1 when left out."
        super().__init__(min_value=LEAST_WEIGHT, max_value=MOST_WEIGHT, help_text=told, **kwargs)


class ScorerSerializer(StrictSerializer):
    """A scorer with its parameters (`GET /api/evaluation/scorers` lists them)."""

    scorer = serializers.CharField(max_length=40)
    params = serializers.DictField(required=False, default=dict)
    weight = serializers.FloatField(required=False, default=1.0, min_value=0, max_value=1_000_000)
    required: Any = serializers.BooleanField(
        required=False, default=True, help_text="A case passes when all of these do."
    )


class CaseSerializer(StrictSerializer):
    """An input with what is expected of its answers."""

    input: Any = serializers.DictField(required=False, default=dict, help_text="Values of the prompt's variables.")
    expected_output: Any = serializers.DictField(
        required=False,
        allow_null=True,
        help_text="{type: contains | exact | regex | semantic | …, …}; {value} alone for other scorers to go by",
    )
    scorers = ScorerSerializer(many=True, required=False, max_length=MOST_SCORERS)  # type: ignore[call-arg]
    id = serializers.CharField(max_length=64, required=False, help_text="Stable: other tests of it share this id.")
    name = serializers.CharField(max_length=255, required=False, allow_blank=True)
    cluster = serializers.CharField(max_length=255, required=False, help_text="Cases cut from one document share one.")
    weight = WeightField(required=False)
    tags = serializers.ListField(child=serializers.CharField(max_length=100), max_length=50, required=False)
    is_generated: Any = serializers.BooleanField(
        required=False, help_text="A model made it: such cases are reported apart, too."
    )


class TestParametersSerializer(ParametersSerializer):
    """How a test is run; what an execution knows too goes to the model."""

    runs = serializers.IntegerField(min_value=1, max_value=MOST_RUNS)
    confidence = serializers.FloatField(min_value=0.5, max_value=0.999, required=False)
    early_stop: Any = serializers.BooleanField(
        required=False, help_text="Of variants: look at the difference on the way, and end once it is shown."
    )


class _Shared(StrictSerializer):
    name = serializers.CharField(max_length=255)
    test_cases = CaseSerializer(many=True, min_length=1, max_length=MOST_CASES, required=False)  # type: ignore[call-arg]
    dataset_id = serializers.UUIDField(required=False, help_text="In the place of test_cases.")
    dataset_version = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, required=False, help_text="The newest when left out."
    )
    split = serializers.ChoiceField(
        choices=Split.choices, required=False, help_text="Of the dataset's cases; all when left out."
    )
    scorers = ScorerSerializer(many=True, required=False, max_length=MOST_SCORERS)  # type: ignore[call-arg]
    parameters = TestParametersSerializer()
    concurrency = serializers.IntegerField(min_value=1, max_value=256, required=False)
    seed = serializers.IntegerField(min_value=0, max_value=2**53, required=False)
    error_policy = serializers.ChoiceField(
        choices=["stop", "continue"], required=False, help_text="stop: a test that gets errors only ends by itself."
    )
    tags = serializers.ListField(child=serializers.CharField(max_length=100), max_length=50, required=False)
    project_id = serializers.CharField(
        max_length=255, required=False, help_text="Whose quotas and rules of masking its calls have, judges' included."
    )
    confirm_cost = ConfirmCostField()
    speed = serializers.ChoiceField(
        choices=["standard", "economy"],
        required=False,
        help_text="economy: sent in the provider's batches, at their price, and answered within 24 hours.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "test_cases" not in attrs and "dataset_id" not in attrs:
            raise _refused("test_cases", "required", "Cases are needed: test_cases, or a dataset_id.")
        if "test_cases" in attrs and "dataset_id" in attrs:
            raise _refused("dataset_id", "contradiction", "Cases come from the body or from a dataset, not from both.")
        for name in ("dataset_version", "split"):
            if name in attrs and "dataset_id" not in attrs:
                raise _refused(name, "contradiction", f"{name} is of a dataset: name it as dataset_id.")
        return attrs


def _refused(field: str, code: str, message: str) -> serializers.ValidationError:
    return serializers.ValidationError({field: [serializers.ErrorDetail(message, code=code)]})


class _Prompted(StrictSerializer):
    prompt = PromptField(required=False, help_text="Text with {{variables}}, or a list of parts.")
    attachments = AttachmentsField(required=False, help_text="Images and files before the prompt's text.")
    messages: Any = serializers.ListSerializer(child=MessageSerializer(), required=False, max_length=500)
    template_id = serializers.UUIDField(required=False)
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    label: Any = serializers.CharField(max_length=50, required=False)
    system_prompt = TextField(required=False, allow_blank=True)
    context: Any = serializers.DictField(required=False, help_text="Facts given with the system prompt, as JSON.")
    tools: Any = serializers.ListSerializer(child=ToolSerializer(), required=False, max_length=MOST_TOOLS)
    model_id = serializers.RegexField(MODEL_ID, max_length=255, required=False)


class ProbabilisticSerializer(_Prompted, _Shared):
    """Body of POST /api/evaluation/probabilistic: one prompt, proved by repeated runs."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["parameters"].get("early_stop"):
            message = serializers.ErrorDetail("There is nothing to compare: it takes two variants.", code="alone")
            raise serializers.ValidationError({"parameters": {"early_stop": [message]}})
        return super().validate(attrs)


class ComparedVariantSerializer(_Prompted):
    """One of those that are compared."""

    name = serializers.CharField(max_length=255)
    parameters = ParametersSerializer(required=False, help_text="Laid over the shared ones.")


class ComparedSerializer(_Shared):
    """Body of POST /api/evaluation/compare: variants on the same cases."""

    variants = ComparedVariantSerializer(many=True, min_length=2, max_length=MOST_VARIANTS)  # type: ignore[call-arg]
    comparisons = serializers.ChoiceField(
        choices=["baseline", "all"], required=False, help_text="Each against the first, or all pairs."
    )


def variants_of(asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each variant with its `name` and the `body` that an execution door would be sent for it; raises Problem."""
    given = asked.get("variants") or [{**asked, "name": asked["name"]}]
    shared = {name: value for name, value in asked["parameters"].items() if name not in OURS}
    is_compared, errors, made = "variants" in asked, list[FieldError](), []
    for position, variant in enumerate(given):
        body = {name: variant[name] for name in ASKED if name in variant and name != "parameters"}
        own = variant.get("parameters", {}) if is_compared else {}
        body["parameters"] = {**shared, **own}
        try:
            check(body)
        except serializers.ValidationError as error:
            place = f"variants.{position}." if is_compared else ""
            errors += [each._replace(field=place + each.field) for each in field_errors(error.detail)]
        made.append({"name": variant["name"], "body": body})
    if errors:
        raise invalid(errors)
    return made
