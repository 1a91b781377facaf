"""A test as the baseline of a template over REST."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import principal
from evaluation_app.api.suite_shapes import BaselineJSON
from evaluation_app.baselines.setting import baseline_json, history_of, set_baseline
from evaluation_app.lookup import governed
from foundation.rest.openapi import problems
from foundation.rest.query import body_of, query_of
from foundation.rest.serializers import StrictSerializer
from templates_app.lookup import visible as visible_template


class BaselineBody(StrictSerializer):
    """Body of POST /api/evaluation/{id}/baseline."""

    template_id = serializers.UUIDField()
    margin = serializers.FloatField(
        min_value=0, max_value=1, required=False, help_text="A loss of pass rate that is no regression yet; 0."
    )
    variant = serializers.CharField(
        max_length=255, required=False, help_text="Its name; the first of the template where left out."
    )


class BaselineView(APIView):
    """`/api/evaluation/{id}/baseline`."""

    @extend_schema(
        operation_id="evaluation_baseline", request=BaselineBody, responses={202: BaselineJSON, **problems(409)}
    )
    def post(self, request: Request, test_id: UUID) -> Response:
        """Makes the test what new tests of that template are compared with; the one before stays in its history."""
        user = principal(request)
        test = governed(user, test_id)
        made = set_baseline(user=user, test=test, **body_of(request, BaselineBody))
        return Response(baseline_json(made), status=202)


class BaselinesQuery(StrictSerializer):
    """Query of GET /api/evaluation/baselines."""

    template_id = serializers.UUIDField()


class BaselinesView(APIView):
    """`/api/evaluation/baselines`."""

    @extend_schema(
        operation_id="evaluation_baselines",
        parameters=[BaselinesQuery],
        responses={200: BaselineJSON(many=True), **problems(404)},
    )
    def get(self, request: Request) -> Response:
        """The baselines of a template that you may see, the present one first."""
        template = visible_template(principal(request), query_of(request, BaselinesQuery)["template_id"])
        return Response([baseline_json(each) for each in history_of(template)])
