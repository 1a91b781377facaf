"""A session's figures over REST (api.md, "Sessions")."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import principal
from foundation.rest.query import query_of
from history.analytics import analytics
from history.api import openapi as told
from history.period import PeriodQuery
from sessions_app.lookup import visible


class AnalyticsView(APIView):
    """`GET /api/sessions/{id}/analytics`."""

    @extend_schema(operation_id="sessions_analytics", parameters=[PeriodQuery], responses=told.AnalyticsSerializer)
    def get(self, request: Request, session_id: UUID) -> Response:
        """Cost, tokens, percentiles and success of the executions that have ended, by model and by day."""
        asked = query_of(request, PeriodQuery)
        session = visible(principal(request), session_id)
        kept = settings.ENV.cache_analytics_ttl
        return Response(analytics(session, since=asked.get("from"), before=asked.get("to"), kept=kept))
