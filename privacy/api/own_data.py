"""One's own data over REST: ordered, looked at, fetched; by nobody else."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import principal
from foundation.rest.negotiation import WhateverIsAsked
from foundation.rest.openapi import files, problems
from privacy.api.erasures import sent
from privacy.models import OwnData
from privacy.own_data import ordering

MOST = 50


class OwnDataJSON(serializers.ModelSerializer[OwnData]):
    """A file of one's own data, and how far it is."""

    class Meta:
        model = OwnData
        fields = ["id", "status", "error", "rows_done", "size", "created_at", "expires_at"]


class OwnDataListJSON(serializers.Serializer[Any]):
    """The newest first."""

    results = OwnDataJSON(many=True)


class OwnDataListView(APIView):
    """`GET | POST /api/privacy/own-data`."""

    @extend_schema(operation_id="own_data_list", responses=OwnDataListJSON)
    def get(self, request: Request) -> Response:
        """Files that you have asked for."""
        rows = OwnData.objects.filter(user=principal(request)).order_by("-created_at")[:MOST]
        return Response(OwnDataListJSON({"results": rows}).data)

    @extend_schema(operation_id="own_data_create", request=None, responses={202: OwnDataJSON})
    def post(self, request: Request) -> Response:
        """Has a ZIP made of all that you keep here: records a line each, files, and a README. Kept for 24 hours."""
        made = ordering.order(user=principal(request))
        ordering.ring(made.id)
        return Response(OwnDataJSON(made).data, status=202)


class OwnDataView(APIView):
    """`GET /api/privacy/own-data/{id}`."""

    @extend_schema(operation_id="own_data_read", responses={200: OwnDataJSON, **problems(404)})
    def get(self, request: Request, own_data_id: UUID) -> Response:
        """How far it is."""
        return Response(OwnDataJSON(ordering.of_user(user=principal(request), own_data_id=own_data_id)).data)


class OwnDataDownloadView(APIView):
    """`GET /api/privacy/own-data/{id}/download`."""

    content_negotiation_class = WhateverIsAsked

    @extend_schema(
        operation_id="own_data_download",
        responses={**files("application/zip"), **problems(404, 409, 410, 503)},
    )
    def get(self, request: Request, own_data_id: UUID) -> StreamingHttpResponse:
        """The ZIP."""
        return sent(ordering.of_user(user=principal(request), own_data_id=own_data_id))
