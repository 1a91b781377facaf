"""The service's own objectives over REST, for administrators."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import principal
from foundation.rest.openapi import problems
from monitoring.errors.deciding import must_administer
from monitoring.objectives.reading import all_standings, objectives_of


class ObjectiveStandingJSON(serializers.Serializer[Any]):
    """An objective in one window; rates are null where nothing was counted."""

    window = serializers.CharField()
    n = serializers.FloatField(help_text="How many were counted.")
    bad = serializers.FloatField()
    share_good = serializers.FloatField(allow_null=True)
    burn_rate = serializers.FloatField(allow_null=True, help_text="1: the budget lasts exactly as long as the window.")
    budget_left = serializers.FloatField(allow_null=True, help_text="Below 0: overdrawn.")
    is_enough = serializers.BooleanField(help_text="false: so few that one bad one is more than the budget.")
    is_met = serializers.BooleanField(allow_null=True)


class ObjectiveJSON(serializers.Serializer[Any]):
    """What share is to be good, and of what."""

    name = serializers.CharField()
    title = serializers.CharField()
    aim = serializers.FloatField()
    of = serializers.CharField()
    how = serializers.CharField()
    windows = ObjectiveStandingJSON(many=True)


class ObjectivesJSON(serializers.Serializer[Any]):
    """All of them."""

    until = serializers.DateTimeField()
    watched_since = serializers.DateTimeField(allow_null=True, help_text="The first sample.")
    objectives = ObjectiveJSON(many=True)


class ObjectivesView(APIView):
    """`GET /api/monitoring/objectives`."""

    @extend_schema(operation_id="objectives", responses={200: ObjectivesJSON, **problems(403)})
    def get(self, request: Request) -> Response:
        """How the service stands to its objectives in an hour, a day, 7 and 30 days. For administrators."""
        must_administer(principal(request))
        told = objectives_of(now=timezone.now())
        names = ("n", "bad", "share_good", "burn_rate", "budget_left", "is_enough", "is_met")
        objectives = [
            {
                **{name: getattr(objective, name) for name in ("name", "title", "aim", "of", "how")},
                "windows": [
                    {"window": window, **{name: getattr(standing, name) for name in names}}
                    for window, standing in standings
                ],
            }
            for objective, standings in all_standings(told)
        ]
        body = {"until": told.until, "watched_since": told.watched_since, "objectives": objectives}
        return Response(ObjectivesJSON(body).data)
