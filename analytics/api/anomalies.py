"""Anomalies over REST."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import principal
from analytics.anomalies.baseline import Metric
from analytics.anomalies.dismissing import dismiss, visible_to
from analytics.models import Anomaly, SubjectKind
from foundation.numbers import LARGEST_INTEGER
from foundation.problems import not_found
from foundation.rest.openapi import problems
from foundation.rest.query import body_of, query_of
from foundation.rest.serializers import StrictSerializer

MOST = 200


class ContributorJSON(serializers.Serializer[Any]):
    """Who or what made most of it: a user's id, or of a user's own anomaly a model."""

    id = serializers.CharField()
    value = serializers.FloatField()


class EvidenceJSON(serializers.Serializer[Any]):
    """The most unusual hour: its value beside the median of the same hours before."""

    hour = serializers.DateTimeField()
    span = serializers.IntegerField(required=False, help_text="Hours of which value is the sum: 1 or 24.")
    value = serializers.JSONField(
        help_text="USD, calls, or the share that failed; of a new model its id, of a new address its network."
    )
    median = serializers.FloatField(required=False)
    mad = serializers.FloatField(required=False)
    score = serializers.FloatField(required=False, help_text="Deviations (1.4826 MAD, or the floor) above the median.")
    count = serializers.IntegerField(
        required=False, help_text="Hours in the baseline; of a new address, networks known before."
    )
    contributors = ContributorJSON(many=True, required=False)
    by = serializers.CharField(required=False, help_text="What they came from a new address by, as the audit log says.")


class AnomalyJSON(serializers.ModelSerializer[Anomaly]):
    """A run of unusual hours."""

    metric = serializers.ChoiceField(choices=[each.value for each in Metric])
    evidence = EvidenceJSON()
    throttled_to = serializers.FloatField(
        allow_null=True,
        help_text="USD or calls a day that the user was held to while it was open; null: they were not.",
    )

    class Meta:
        model = Anomaly
        fields = [
            "id", "subject_kind", "subject_id", "metric", "detail", "first_hour", "last_hour", "evidence", "closed_at",
            "dismissed_at", "dismissal", "throttled_to",
        ]  # fmt: skip


class AnomaliesJSON(serializers.Serializer[Any]):
    """The latest first."""

    results = AnomalyJSON(many=True)


class AnomaliesQuery(StrictSerializer):
    """Which ones."""

    open = serializers.BooleanField(required=False, allow_null=True, default=None)
    metric = serializers.ChoiceField(choices=[each.value for each in Metric], required=False)
    subject_kind = serializers.ChoiceField(choices=SubjectKind.choices, required=False)
    subject_id = serializers.CharField(max_length=255, required=False)
    before = serializers.IntegerField(
        min_value=1, max_value=LARGEST_INTEGER, required=False, help_text="Older than the one of this id."
    )


class AnomaliesView(APIView):
    """`GET /api/analytics/anomalies`."""

    @extend_schema(
        operation_id="anomalies_list", parameters=[AnomaliesQuery], responses={200: AnomaliesJSON, **problems(400)}
    )
    def get(self, request: Request) -> Response:
        """What is unlike before, up to 200, latest first: your own, that of the organisation that you manage, all to
        administrators.
        """
        asked = query_of(request, AnomaliesQuery)
        found = visible_to(principal(request)).order_by("-id")
        is_open, before = asked.pop("open"), asked.pop("before", None)
        if is_open is not None:
            found = found.filter(closed_at__isnull=is_open)
        if before is not None:
            found = found.filter(id__lt=before)
        return Response(AnomaliesJSON({"results": found.filter(**asked)[:MOST]}).data)


class DismissalBody(StrictSerializer):
    """Why it is no cause for anything."""

    reason = serializers.CharField(max_length=200)


class DismissView(APIView):
    """`POST /api/analytics/anomalies/{id}/dismiss`."""

    @extend_schema(
        operation_id="anomalies_dismiss",
        request=DismissalBody,
        responses={200: AnomalyJSON, **problems(400, 403, 404, 409)},
    )
    def post(self, request: Request, anomaly_id: int) -> Response:
        """Says that it is none, and why. For administrators."""
        if anomaly_id > LARGEST_INTEGER:
            raise not_found("The anomaly")
        body = body_of(request, DismissalBody)
        done = dismiss(anomaly_id=anomaly_id, by=principal(request), reason=body["reason"], at=timezone.now())
        return Response(AnomalyJSON(done).data)
