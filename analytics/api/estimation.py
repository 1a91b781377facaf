"""What calls will cost, over REST."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import principal
from analytics.api.estimation_shapes import CostEstimationJSON, QualityBarBody
from analytics.estimation.estimating import CONFIDENCE, MINIMUM_RATE, Question, estimate
from analytics.estimation.representation import estimate_json
from foundation.rest.openapi import problems
from foundation.rest.query import body_of
from playground.bodies.execution import ExecuteSerializer

MOST_MODELS: Final = 8
MOST_CALLS: Final = 10_000_000
MOST_OUTPUT: Final = 10_000_000
NO_PART_OF_IT: Final = ("metadata", "sticky_key", "confirm_cost", "parent_id")
OURS: Final = ("models", "calls_per_day", "output_tokens", "confidence", "quality", "model_id")


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
        return Response(estimate_json(estimate(principal(request), question_of(asked), at=timezone.now())))


def question_of(asked: Mapping[str, Any]) -> Question:
    """What a checked body asks."""
    return Question(
        body={name: value for name, value in asked.items() if name not in OURS},
        models=asked.get("models") or ([asked["model_id"]] if "model_id" in asked else []),
        calls_per_day=asked.get("calls_per_day"),
        output_tokens=asked.get("output_tokens"),
        confidence=asked["confidence"],
        minimum_rate=asked.get("quality", {}).get("minimum_rate", MINIMUM_RATE),
    )
