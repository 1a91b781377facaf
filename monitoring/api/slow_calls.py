"""The slowest calls over REST, for administrators."""

from __future__ import annotations

from typing import Any, Final

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import principal
from foundation.rest.openapi import problems
from foundation.rest.query import query_of
from foundation.rest.serializers import StrictSerializer
from monitoring.calls.slow import ModelTimes, slowest, times_by_model
from monitoring.errors.deciding import must_administer

MOST: Final = 200


class SlowCallsQuery(StrictSerializer):
    """How many."""

    limit = serializers.IntegerField(min_value=1, max_value=MOST, required=False, default=50)


class SlowCallJSON(serializers.Serializer[Any]):
    """A completed call that asked a provider; times are seconds."""

    execution_id = serializers.UUIDField()
    began_at = serializers.DateTimeField()
    model_id = serializers.CharField()
    origin = serializers.CharField()
    duration = serializers.FloatField()
    time_to_first_token = serializers.FloatField(source="first_token", allow_null=True)
    waited = serializers.FloatField(
        allow_null=True, help_text="Of the duration, before the attempt that answered. null: not known."
    )
    answering = serializers.FloatField(allow_null=True, help_text="Of the duration, the attempt that answered.")
    attempts = serializers.IntegerField(allow_null=True)
    completion_tokens = serializers.IntegerField()
    is_visible = serializers.BooleanField(help_text="Whether you may read the execution.")


class ShareTimesJSON(serializers.Serializer[Any]):
    """Seconds, at most 2 % off; null of too few calls (20 for p95, 100 for p99)."""

    p50 = serializers.FloatField(allow_null=True)
    p95 = serializers.FloatField(allow_null=True)
    p99 = serializers.FloatField(allow_null=True)


class ModelTimesJSON(serializers.Serializer[Any]):
    """What completed calls of a model took."""

    model_id = serializers.CharField()
    n = serializers.IntegerField()
    duration = ShareTimesJSON()
    time_to_first_token = ShareTimesJSON()
    share_before_first_token = serializers.FloatField(allow_null=True)


class SlowCallsJSON(serializers.Serializer[Any]):
    """Of the last 24 hours."""

    results = SlowCallJSON(many=True)
    models = ModelTimesJSON(many=True)


class SlowCallsView(APIView):
    """`GET /api/monitoring/slow-calls`."""

    @extend_schema(
        operation_id="slow_calls", parameters=[SlowCallsQuery], responses={200: SlowCallsJSON, **problems(400, 403)}
    )
    def get(self, request: Request) -> Response:
        """The slowest calls of the last 24 hours, and where the time of each model went. For administrators."""
        viewer = principal(request)
        must_administer(viewer)
        asked, now = query_of(request, SlowCallsQuery), timezone.now()
        calls = slowest(viewer=viewer, now=now, limit=asked["limit"])
        models = [_of_model(each) for each in times_by_model(now=now)]
        return Response(SlowCallsJSON({"results": calls, "models": models}).data)


def _of_model(times: ModelTimes) -> dict[str, Any]:
    return {
        "model_id": times.model_id,
        "n": times.n,
        "duration": times.percentiles("latency"),
        "time_to_first_token": times.percentiles("first_token"),
        "share_before_first_token": times.share_before_first,
    }
