"""`/api/webhooks/{id}/deliveries`: what a webhook was told, and what is told it again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.webhooks.answers import DeliveryJSON, ToldAgainJSON, delivery_json
from accounts.requests import principal
from events.webhooks import acting
from foundation.rest.openapi import problems
from foundation.rest.pagination import PageQuery, Pages, page_of
from foundation.rest.query import query_of


class DeliveriesView(APIView):
    """`/api/webhooks/{id}/deliveries`."""

    @extend_schema(operation_id="webhooks_deliveries", parameters=[PageQuery], responses=page_of(DeliveryJSON))
    def get(self, request: Request, webhook_id: UUID) -> Response:
        """What was told, waits or was given up, the newest first; kept for seven days."""
        query_of(request, PageQuery)
        pages = Pages()
        found = acting.deliveries_of(acting.of(principal(request).id, webhook_id))
        rows: Any = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response([delivery_json(each) for each in rows or ()])


class ReplayView(APIView):
    """`POST /api/webhooks/{id}/replay` and `…/deliveries/{delivery}/replay`."""

    @extend_schema(operation_id="webhooks_replay", request=None, responses={202: ToldAgainJSON, **problems(404)})
    def post(self, request: Request, webhook_id: UUID, delivery_id: int | None = None) -> Response:
        """Tells one event again, else all that were given up; under the ids that they had."""
        webhook = acting.of(principal(request).id, webhook_id)
        again = acting.replay(webhook, now=timezone.now(), delivery_id=delivery_id)
        return Response({"again": again}, status=202)


class OneReplayView(ReplayView):
    """`POST /api/webhooks/{id}/deliveries/{delivery}/replay`."""

    @extend_schema(operation_id="webhooks_replay_one", request=None, responses={202: ToldAgainJSON, **problems(404)})
    def post(self, request: Request, webhook_id: UUID, delivery_id: int | None = None) -> Response:
        """Tells this event again, under the id that it had."""
        return super().post(request, webhook_id, delivery_id)
