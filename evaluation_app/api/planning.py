"""The plan of a test over REST: nothing is kept, and nobody is asked."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import principal
from evaluation_app.creation.bodies import ComparedSerializer, ProbabilisticSerializer
from evaluation_app.creation.planning import planned, planned_test
from foundation.rest.openapi import problems
from foundation.rest.query import body_of
from foundation.rest.serializers import StrictSerializer


class FiguresBody(StrictSerializer):
    """What is wanted: a half-width, a difference, or to know what so many cases show; one of the three."""

    half_width = serializers.FloatField(min_value=0.001, max_value=0.5, required=False)
    difference = serializers.FloatField(min_value=0.001, max_value=1, required=False)
    cases = serializers.IntegerField(min_value=1, max_value=10_000_000, required=False)
    rate = serializers.FloatField(min_value=0, max_value=1, required=False, help_text="Expected; 0.5 when left out.")
    runs = serializers.IntegerField(min_value=1, max_value=1_000, required=False)
    icc = serializers.FloatField(min_value=0, max_value=1, required=False, help_text="0.3 when left out.")
    power = serializers.FloatField(min_value=0.5, max_value=0.999, required=False)
    confidence = serializers.FloatField(min_value=0.5, max_value=0.999, required=False)
    comparisons = serializers.IntegerField(min_value=1, max_value=100, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        wanted = [name for name in ("half_width", "difference", "cases") if name in attrs]
        if len(wanted) != 1:
            message = "One of half_width, difference and cases is needed."
            raise serializers.ValidationError({"half_width": [serializers.ErrorDetail(message, code="required")]})
        return attrs


class PlanWarningJSON(serializers.Serializer[Any]):
    """What to know before the start."""

    code = serializers.CharField()
    message = serializers.CharField()


class PlanJSON(serializers.Serializer[Any]):
    """What it takes, and what it can show."""

    cases = serializers.IntegerField()
    runs_per_case = serializers.IntegerField()
    samples = serializers.IntegerField()
    least_p = serializers.FloatField(help_text="No p value below this can come of so many cases.")
    least_p_adjusted = serializers.FloatField()
    smallest_difference = serializers.FloatField(
        allow_null=True,
        help_text="Shown with this power, whichever way it goes and as if the variants' cases had nothing in common.",
    )
    half_width = serializers.FloatField(help_text="Half the interval that the rate will be shown with, end to end.")
    rate = serializers.FloatField()
    icc = serializers.FloatField()
    power = serializers.FloatField()
    confidence = serializers.FloatField()
    comparisons = serializers.IntegerField()
    method = serializers.CharField()
    assumed = serializers.ListField(child=serializers.CharField(), help_text="What was not told.")
    warnings = PlanWarningJSON(many=True)
    forecast = serializers.DictField(
        allow_null=True,
        help_text="Of a test's body: input{tokens, method, reason} that the models are sent, counted (tokenizer) or"
        " estimated; cost{low, expected, long, high} in USD or null: with answers of one token, usual ones, long ones,"
        " and what no way of it passes; reason: what the range is; seconds{low, high}; economy{cost, hours, reason}."
        " With early_stop the low ends are those of a test that a large difference ends,"
        " and early_stop[{points, cases, of, cost, seconds}] tells what it takes where the true difference is so many"
        " points.",
    )


class PlanView(APIView):
    """`/api/evaluation/plan`."""

    @extend_schema(
        operation_id="evaluation_plan",
        request=PolymorphicProxySerializer(
            component_name="PlanBody",
            serializers=[FiguresBody, ProbabilisticSerializer, ComparedSerializer],
            resource_type_field_name=None,
        ),
        responses={200: PlanJSON, **problems(404)},
    )
    def post(self, request: Request) -> Response:
        """How many samples, what they can show, what they cost and how long they take."""
        given = request.data if isinstance(request.data, dict) else {}
        if "variants" in given:
            return Response(planned_test(principal(request), body_of(request, ComparedSerializer)))
        if "test_cases" in given or "dataset_id" in given:
            return Response(planned_test(principal(request), body_of(request, ProbabilisticSerializer)))
        return Response(planned(body_of(request, FiguresBody)))
