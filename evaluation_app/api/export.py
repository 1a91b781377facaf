"""A test as a file over REST (api.md, "Evaluation")."""

from __future__ import annotations

from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.requests import principal
from evaluation_app.export.registry import FORMATS, format_of
from evaluation_app.lookup import visible
from foundation.downloads.sending import download
from foundation.rest.negotiation import WhateverIsAsked
from foundation.rest.openapi import ATTACHMENT, files, problems
from foundation.rest.query import query_of
from foundation.rest.serializers import StrictSerializer

A_FILE = files(*(each.media_type for each in FORMATS.values()))


class TestExportQuery(StrictSerializer):
    """Query of GET /api/evaluation/{id}/export."""

    format = serializers.ChoiceField(choices=list(FORMATS), required=False, default="json")


class TestExportView(APIView):
    """`GET /api/evaluation/{id}/export`."""

    content_negotiation_class = WhateverIsAsked

    @extend_schema(
        operation_id="evaluation_export",
        parameters=[TestExportQuery, ATTACHMENT],
        responses={**A_FILE, **problems(409)},
    )
    def get(self, request: Request, test_id: UUID) -> HttpResponseBase:
        """The test as a file: every answer as far as it has come, or a report of its results (409 before it ended)."""
        asked, test = query_of(request, TestExportQuery), visible(principal(request), test_id)
        chosen = format_of(test, asked["format"])
        return download(chosen.write(test), title=test.name, media_type=chosen.media_type, suffix=chosen.suffix)
