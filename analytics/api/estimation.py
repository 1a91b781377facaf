"""What calls will cost, over REST."""

from __future__ import annotations

from typing import Any, Final

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import principal
from analytics.estimation.estimating import CONFIDENCE, MINIMUM_RATE, Question, estimate
from analytics.estimation.representation import estimate_json
from foundation.rest.openapi import problems
from foundation.rest.query import body_of
from foundation.rest.serializers import StrictSerializer
from playground.bodies.execution import ExecuteSerializer

MOST_MODELS: Final = 8
MOST_CALLS: Final = 10_000_000
MOST_OUTPUT: Final = 10_000_000
NO_PART_OF_IT: Final = ("metadata", "sticky_key", "confirm_cost", "parent_id")
OURS: Final = ("models", "calls_per_day", "output_tokens", "confidence", "quality", "model_id")


class QualityBarBody(StrictSerializer):
    """What counts as good enough."""

    minimum_rate = serializers.FloatField(
        min_value=0, max_value=1, default=MINIMUM_RATE, help_text="The success rate that a test has to have shown."
    )


class CostEstimationBody(ExecuteSerializer):
    """What is to be called, as `POST /api/prompts/execute` takes it, by which models and how often."""

    models = serializers.ListField(
        child=serializers.RegexField(r"^[^/\s]+/\S+$", max_length=255),
        min_length=1,
        max_length=MOST_MODELS,
        required=False,
        help_text="Several side by side, in the place of model_id.",
    )
    calls_per_day = serializers.FloatField(min_value=0.001, max_value=MOST_CALLS, required=False)
    output_tokens = serializers.IntegerField(
        min_value=1, max_value=MOST_OUTPUT, required=False, help_text="Of an answer, where you know it."
    )
    confidence = serializers.FloatField(min_value=0.5, max_value=0.999, default=CONFIDENCE)
    quality = QualityBarBody(required=False)

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        for name in NO_PART_OF_IT:
            del fields[name]
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        models = attrs.get("models", ())
        if models and "model_id" in attrs:
            message = serializers.ErrorDetail("Send model_id or models, not both.", code="contradiction")
            raise serializers.ValidationError({"models": [message]})
        if len(set(models)) < len(models):
            message = serializers.ErrorDetail("A model is named twice.", code="unique")
            raise serializers.ValidationError({"models": [message]})
        super().validate({**attrs, **({"model_id": models[0]} if models else {})})
        return attrs


class RangeJSON(serializers.Serializer[Any]):
    """USD."""

    low = serializers.FloatField()
    expected = serializers.FloatField()
    high = serializers.FloatField()


class InputTokensJSON(serializers.Serializer[Any]):
    """Tokens of the input; `low` and `high` are apart where it is an estimate."""

    tokens = serializers.IntegerField()
    low = serializers.IntegerField()
    high = serializers.IntegerField()
    method = serializers.ChoiceField(choices=["tokenizer", "estimated"])
    tokenizer = serializers.CharField(allow_null=True, help_text="What the texts were counted with.")
    cache_read_share = serializers.FloatField(help_text="Expected to be read from the provider's cache.")
    cache_write_share = serializers.FloatField(help_text="Expected to be written to it.")


class OutputTokensJSON(serializers.Serializer[Any]):
    """Tokens of an answer, thoughts included, as those of calls that were made; quantiles null where none were."""

    basis = serializers.CharField(
        help_text="Whose calls: template_and_model, template (other models), session, own_model, model (everybody's); "
        "given: by you; assumed: nobody knows, and the most is counted."
    )
    n = serializers.IntegerField(help_text="Calls that were looked at, of the last 90 days.")
    mean = serializers.FloatField()
    p10 = serializers.FloatField(allow_null=True)
    p50 = serializers.FloatField(allow_null=True)
    p90 = serializers.FloatField(allow_null=True)
    most = serializers.IntegerField(help_text="That an answer may have.")
    cut = serializers.IntegerField(help_text="Of those calls, those that were longer than that.")
    reasoning_share = serializers.FloatField()


class CostBreakdownJSON(serializers.Serializer[Any]):
    """USD of the expected call."""

    input_cost = serializers.FloatField()
    output_cost = serializers.FloatField()


class MeasuredQualityJSON(serializers.Serializer[Any]):
    """What the newest test of this prompt on this model showed."""

    test_id = serializers.UUIDField()
    version = serializers.IntegerField(allow_null=True)
    success_rate = serializers.FloatField()
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    samples = serializers.IntegerField()
    is_met = serializers.BooleanField(help_text="The rate is at least the minimum.")
    is_sure = serializers.BooleanField(help_text="So is the low end of its interval.")


class DerivationJSON(serializers.Serializer[Any]):
    """How a part of it came about."""

    subject = serializers.ChoiceField(choices=["input", "output", "cache", "price", "cost"])
    sentence = serializers.CharField()


class ModelCostJSON(serializers.Serializer[Any]):
    """One model's estimate; costs are null where its price is unknown."""

    model_id = serializers.CharField()
    price_known = serializers.BooleanField()
    fits_window = serializers.BooleanField(help_text="Whether the input can fit into its window.")
    input = InputTokensJSON()
    output = OutputTokensJSON()
    breakdown = CostBreakdownJSON(allow_null=True)
    per_call = RangeJSON(allow_null=True)
    per_month = RangeJSON(allow_null=True, help_text="Of calls_per_day in 30.44 days; null without it.")
    range_method = serializers.ChoiceField(
        choices=["prediction_interval", "fixed", "bounds"],
        allow_null=True,
        help_text="Of per_month. prediction_interval: where the mean of that many calls will lie, at `confidence`; of "
        "calls, eight of ten lie in per_call. fixed: the length is given. bounds: between one token and the most.",
    )
    quality = MeasuredQualityJSON(allow_null=True)
    cheapest = serializers.BooleanField()
    cheapest_qualified = serializers.BooleanField()
    derivation = DerivationJSON(many=True)


class EstimationPeriodJSON(serializers.Serializer[Any]):
    """From and to."""

    def get_fields(self) -> dict[str, Any]:
        return {name: serializers.DateTimeField() for name in ("from", "to")}


class OtherCostJSON(serializers.Serializer[Any]):
    """What the same calls would have cost; null where a price is unknown."""

    cost = serializers.FloatField(allow_null=True)
    difference = serializers.FloatField(allow_null=True, help_text="USD less actual_cost; below 0, it is saved.")
    share = serializers.FloatField(allow_null=True, help_text="The difference as a part of actual_cost.")
    goal_reached = serializers.BooleanField(allow_null=True)


class OtherModelCostJSON(OtherCostJSON):
    """On another model."""

    model_id = serializers.CharField()


class ShorterPromptCostJSON(OtherCostJSON):
    """With input shorter by this part, on the models that they ran on."""

    prompt_share = serializers.FloatField()


class SavingsJSON(serializers.Serializer[Any]):
    """Last month's real calls: what they cost, and would have cost."""

    basis = serializers.ChoiceField(
        choices=["template", "own_models"],
        help_text="The template's calls that you may read; your own of these models.",
    )
    period = EstimationPeriodJSON()
    executions = serializers.IntegerField()
    actual_cost = serializers.FloatField(allow_null=True)
    goal_share = serializers.FloatField()
    if_model = OtherModelCostJSON(many=True)
    if_prompt_shorter = ShorterPromptCostJSON()
    note = serializers.CharField()


class CostEstimationJSON(serializers.Serializer[Any]):
    """The models in the order asked."""

    currency = serializers.CharField()
    period = EstimationPeriodJSON(help_text="Of the calls that were looked at.")
    calls_per_day = serializers.FloatField(allow_null=True)
    confidence = serializers.FloatField()
    models = ModelCostJSON(many=True)
    cheapest = serializers.CharField(allow_null=True, help_text="Whose call is expected to cost least.")
    cheapest_qualified = serializers.CharField(
        allow_null=True, help_text="The same of those that met the minimum in a test of yours or shared with you."
    )
    quality = QualityBarBody()
    savings = SavingsJSON()


class CostEstimationView(APIView):
    """`POST /api/analytics/cost-estimation`."""

    @extend_schema(
        operation_id="cost_estimation",
        request=CostEstimationBody,
        responses={200: CostEstimationJSON, **problems(400, 404)},
    )
    def post(self, request: Request) -> Response:
        """What a call and a month of them will cost, as a range with how it came about. No model is asked, nothing
        kept.
        """
        asked = body_of(request, CostEstimationBody)
        question = Question(
            body={name: value for name, value in asked.items() if name not in OURS},
            models=asked.get("models") or ([asked["model_id"]] if "model_id" in asked else []),
            calls_per_day=asked.get("calls_per_day"),
            output_tokens=asked.get("output_tokens"),
            confidence=asked["confidence"],
            minimum_rate=asked.get("quality", {}).get("minimum_rate", MINIMUM_RATE),
        )
        return Response(estimate_json(estimate(principal(request), question, at=timezone.now())))
