"""Runs whose answers were bad become cases over REST."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent
from accounts.requests import principal
from evaluation_app.api.dataset_shapes import SavedCasesJSON
from evaluation_app.datasets import from_run
from evaluation_app.datasets.representation import saved_json
from foundation.rest.openapi import problems
from foundation.rest.query import body_of
from foundation.rest.serializers import StrictSerializer


class BadRunBody(StrictSerializer):
    """A run whose answer was bad."""

    execution_id = serializers.UUIDField()


class BadRunsView(APIView):
    """`/api/datasets/{id}/bad-runs`."""

    @extend_schema(
        operation_id="datasets_bad_run", request=BadRunBody, responses={201: SavedCasesJSON, **problems(409, 422)}
    )
    @idempotent
    def post(self, request: Request, dataset_id: UUID) -> Response:
        """Makes a case of a run whose answer was bad: what was asked, and no expected answer yet."""
        user = principal(request)
        run = from_run.run_of(user, body_of(request, BadRunBody)["execution_id"])
        return Response(saved_json(from_run.add_bad_run(user=user, run=run, dataset_id=dataset_id)), status=201)
