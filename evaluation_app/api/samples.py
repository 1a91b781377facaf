"""A test's samples over REST, in the order of its cases."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import principal
from evaluation_app.api.shapes import SamplePageJSON
from evaluation_app.lookup import visible
from evaluation_app.models import SampleState
from evaluation_app.representation import samples_json
from evaluation_app.sampling import Place, page_at, samples_of
from foundation.rest.query import query_of
from foundation.rest.serializers import StrictSerializer


class SamplesQuery(StrictSerializer):
    """Query of GET /api/evaluation/{id}/samples."""

    variant = serializers.CharField(max_length=255, required=False, help_text="Its name")
    case = serializers.IntegerField(min_value=0, required=False, help_text="Its place in the test, from 0")
    outcome = serializers.ChoiceField(choices=SampleState.choices, required=False)
    cursor = serializers.CharField(max_length=200, required=False)
    page_size = serializers.IntegerField(min_value=1, max_value=200, required=False)


class SamplesView(APIView):
    """`/api/evaluation/{id}/samples`."""

    @extend_schema(operation_id="evaluation_samples", parameters=[SamplesQuery], responses=SamplePageJSON)
    def get(self, request: Request, test_id: UUID) -> Response:
        """Samples with their outputs and what each scorer said."""
        test, wanted = visible(principal(request), test_id), query_of(request, SamplesQuery)
        at = Place.read(wanted["cursor"]) if "cursor" in wanted else None
        rows, next_, previous = page_at(samples_of(test, wanted), at, wanted.get("page_size", 50))
        http = request._request

        def address(place: Place | None) -> str | None:
            if place is None:
                return None
            query = http.GET.copy()
            query["cursor"] = str(place)
            return http.build_absolute_uri(f"{http.path}?{query.urlencode()}")

        results: list[dict[str, Any]] = samples_json(rows)
        return Response({"next": address(next_), "previous": address(previous), "results": results})
