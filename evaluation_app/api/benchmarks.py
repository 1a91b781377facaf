"""The benchmark board over REST."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import principal
from evaluation_app.benchmarks.asked import BenchmarksQuery, benchmarks
from evaluation_app.judges.agreement import State
from foundation.rest.openapi import problems
from foundation.rest.query import query_of


class NamedJSON(serializers.Serializer[Any]):
    """A prompt on a model."""

    prompt = serializers.CharField()
    model_id = serializers.CharField()
    test_id = serializers.UUIDField()


class BenchmarkRowJSON(NamedJSON):
    """What it came to on the cases of the board."""

    template_id = serializers.UUIDField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)
    success_rate = serializers.FloatField()
    figure = serializers.DictField(help_text="The rate with its interval, method, estimand and n.")
    errors: Any = serializers.IntegerField()
    cost = serializers.FloatField(allow_null=True, help_text="USD; null where a price is unknown.")
    cost_per_success = serializers.FloatField(allow_null=True)
    latency = serializers.DictField(help_text="p50, p95, p99 in seconds")
    completed_at = serializers.DateTimeField(allow_null=True)


class LeftOutJSON(NamedJSON):
    """What is not on the board."""

    reason = serializers.CharField()


class VotesJSON(serializers.Serializer[Any]):
    """Models by the votes of comparisons."""

    pairs = serializers.IntegerField(help_text="Of models that a vote compares.")
    comparisons = serializers.IntegerField()
    models = serializers.ListField(
        child=serializers.DictField(), help_text="name, strength, wins (each with its interval), votes, rank"
    )


class OpinionJSON(serializers.Serializer[Any]):
    """Prompts on models by what one judge said of pairs of their answers."""

    scorer_hash = serializers.CharField(help_text="Of the judge: another rubric or model is another one.")
    model_id = serializers.CharField(help_text="The judge's model.")
    state = serializers.ChoiceField(choices=[state.value for state in State])
    sentence = serializers.CharField()
    pairs = serializers.IntegerField(help_text="Of answers that it compared.")
    cases = serializers.IntegerField()
    contestants = serializers.ListField(
        child=serializers.DictField(),
        help_text="prompt, model_id, name, strength, wins (each with its interval), votes, rank",
    )


class BenchmarksJSON(serializers.Serializer[Any]):
    """Prompts by models on the same cases, the best first."""

    cases = serializers.IntegerField()
    confidence = serializers.FloatField(allow_null=True)
    rows = BenchmarkRowJSON(many=True)
    left_out = LeftOutJSON(many=True)
    verdicts = OpinionJSON(many=True)
    votes = VotesJSON(allow_null=True)


class BenchmarksView(APIView):
    """`/api/evaluation/benchmarks`."""

    @extend_schema(
        operation_id="evaluation_benchmarks",
        parameters=[BenchmarksQuery],
        responses={200: BenchmarksJSON, **problems(404)},
    )
    def get(self, request: Request) -> Response:
        """Prompts by models on the cases that most of them share, what was left out and why; then what judges found
        better of two, and models by votes."""
        return Response(benchmarks(principal(request), query_of(request, BenchmarksQuery)))
