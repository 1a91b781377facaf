"""Adoption over REST."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Role
from accounts.requests import principal
from analytics.api.usage import UsageQuery
from analytics.usage.adoption import PEOPLE_GOAL, SHARED_GOAL, Adoption, adoption_of
from analytics.usage.answering import asked_by
from foundation.problems import Problem
from foundation.rest.openapi import problems
from foundation.rest.query import query_of


class AdoptionQuery(UsageQuery):
    """A period."""

    def get_fields(self) -> dict[str, Any]:
        return {name: field for name, field in super().get_fields().items() if name in ("from", "to", "time_zone")}


class AdoptedPeopleJSON(serializers.Serializer[Any]):
    """Who ran something, of all who may sign in; services are none."""

    active = serializers.IntegerField(help_text="Who ran something in the period.")
    known = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True)
    goal = serializers.FloatField()


class AdoptedTemplatesJSON(serializers.Serializer[Any]):
    """Templates: made and run in the period, and shared by now."""

    made = serializers.IntegerField()
    run = serializers.IntegerField()
    shared = serializers.IntegerField(help_text="Of all: with somebody, or public.")
    goal = serializers.IntegerField()


class TimeToLabelJSON(serializers.Serializer[Any]):
    """From a template's first run to its first label, of those that got it in the period."""

    n = serializers.IntegerField()
    p50 = serializers.FloatField(allow_null=True, help_text="Seconds.")


class AdoptionJSON(serializers.Serializer[Any]):
    """Whether the playground is taken up."""

    people = AdoptedPeopleJSON()
    templates = AdoptedTemplatesJSON()
    time_to_label = TimeToLabelJSON()


class AdoptionView(APIView):
    """`GET /api/analytics/adoption`."""

    @extend_schema(
        operation_id="adoption", parameters=[AdoptionQuery], responses={200: AdoptionJSON, **problems(400, 403)}
    )
    def get(self, request: Request) -> Response:
        """Who ran, what was made and shared, how long it takes to a labelled version. For administrators."""
        viewer = principal(request)
        if not viewer.has_role(Role.ADMIN):
            raise Problem(403, "forbidden", "This is for administrators.")
        asked = asked_by(viewer, {"limit": 1, **query_of(request, AdoptionQuery)})
        return Response(_json(adoption_of(asked)))


def _json(told: Adoption) -> dict[str, Any]:
    usual = told.usual_time
    return {
        "people": {
            "active": told.people_who_ran, "known": told.people, "share": told.share, "goal": PEOPLE_GOAL,
        },
        "templates": {
            "made": told.templates_made, "run": told.templates_run, "shared": told.templates_shared,
            "goal": SHARED_GOAL,
        },
        "time_to_label": {
            "n": len(told.to_a_label), "p50": None if usual is None else usual.total_seconds(),
        },
    }  # fmt: skip
