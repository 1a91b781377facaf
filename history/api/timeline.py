"""What was run in a session over REST: its history, and a copy of it (api.md, "Sessions")."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent
from accounts.requests import principal
from foundation.rest.cursor import links
from foundation.rest.openapi import ETAG, LOCATION
from foundation.rest.pagination import LinksJSON
from foundation.rest.query import body_of, query_of
from foundation.rest.serializers import StrictSerializer
from history.forking import fork
from history.period import PeriodQuery
from history.timeline import history_page
from playground.bodies.execution import PromptExecutionSerializer
from playground.models import Origin, Status
from playground.representation import execution_json
from sessions_app.api.bodies import SessionJSON
from sessions_app.api.sessions import response_of
from sessions_app.lookup import forkable, visible


class HistoryQuery(PeriodQuery):
    """Query of GET /api/sessions/{id}/history."""

    status = serializers.ChoiceField(choices=Status.choices, required=False)
    model_id = serializers.CharField(max_length=255, required=False)
    origin = serializers.ChoiceField(
        choices=Origin.choices, required=False, help_text="Who or what had it made; trace: made elsewhere"
    )
    template_id = serializers.UUIDField(required=False)
    tag = serializers.CharField(max_length=100, required=False, help_text="One of metadata.tags")
    min_cost = serializers.DecimalField(max_digits=20, decimal_places=8, required=False, min_value=0)
    max_cost = serializers.DecimalField(max_digits=20, decimal_places=8, required=False, min_value=0)
    search = serializers.CharField(max_length=200, required=False, help_text="Words of prompts and answers")
    cursor = serializers.CharField(max_length=200, required=False)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=200)


class HistoryJSON(LinksJSON):
    """A cursor page of executions, newest first."""

    results = PromptExecutionSerializer(many=True)
    searched = serializers.IntegerField(help_text="Executions whose texts were looked into; 0 without `search`")


class HistoryView(APIView):
    """`/api/sessions/{id}/history`."""

    @extend_schema(operation_id="sessions_history", parameters=[HistoryQuery], responses=HistoryJSON)
    def get(self, request: Request, session_id: UUID) -> Response:
        """Executions of the session; a search looks into a bounded number a page, and `next` goes on behind them."""
        wanted = query_of(request, HistoryQuery)
        page, searched = history_page(visible(principal(request), session_id), wanted)
        results = [execution_json(each) for each in page.rows]
        return Response({**links(request._request, page), "results": results, "searched": searched})


class ForkBody(StrictSerializer):
    """Up to where a session's history is copied; all of it when left out."""

    up_to_execution_id = serializers.UUIDField(required=False)


class ForkView(APIView):
    """`/api/sessions/{id}/fork`."""

    @extend_schema(
        operation_id="sessions_fork",
        parameters=[ETAG, LOCATION],
        request=ForkBody,
        responses={201: SessionJSON},
    )
    @idempotent
    def post(self, request: Request, session_id: UUID) -> Response:
        """A session of yours with a copy of the history, up to an execution or whole."""
        user, asked = principal(request), body_of(request, ForkBody)
        session = forkable(user, session_id)
        made = fork(user=user, session=session, up_to=asked.get("up_to_execution_id"))
        return response_of(made.id, user, status=201)
