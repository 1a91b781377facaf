"""`/api/webhooks`: made, changed, tried, given another secret, taken away."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.webhooks.answers import (
    DeliveryJSON,
    MadeWebhookJSON,
    WebhookJSON,
    WebhookSecretJSON,
    WebhooksJSON,
    delivery_json,
    webhook_json,
)
from accounts.api.webhooks.bodies import WebhookBody, WebhookChangeBody
from accounts.idempotency import idempotent
from accounts.requests import principal
from events.models import Webhook
from events.webhooks import acting, setting_up
from foundation.rest.openapi import LOCATION, problems
from foundation.rest.query import body_of, query_of
from foundation.rest.serializers import StrictSerializer


class WebhooksView(APIView):
    """`GET | POST /api/webhooks`."""

    @extend_schema(operation_id="webhooks_list", responses=WebhooksJSON)
    def get(self, request: Request) -> Response:
        """Your webhooks."""
        query_of(request, StrictSerializer)
        found = acting.all_of(principal(request).id)
        counts = acting.counts_of(found)
        return Response({"results": [webhook_json(each, counts.get(each.destination_id, {})) for each in found]})

    @extend_schema(
        operation_id="webhooks_create",
        parameters=[LOCATION],
        request=WebhookBody,
        responses={201: MadeWebhookJSON, **problems(403, 409)},
    )
    def post(self, request: Request) -> Response:
        """An address that gets your events from now on, signed, in order, at least once. Up to twenty."""
        webhook, secret = setting_up.make(owner_id=principal(request).id, **body_of(request, WebhookBody))
        headers = {"Location": f"/api/webhooks/{webhook.id}", "Cache-Control": "no-store"}
        return Response({**webhook_json(webhook, {}), "secret": secret}, status=201, headers=headers)


class WebhookView(APIView):
    """`/api/webhooks/{id}`."""

    @extend_schema(operation_id="webhooks_webhook", responses={200: WebhookJSON, **problems(404)})
    def get(self, request: Request, webhook_id: UUID) -> Response:
        """How it stands."""
        query_of(request, StrictSerializer)
        return Response(_told(acting.of(principal(request).id, webhook_id)))

    @extend_schema(
        operation_id="webhooks_change", request=WebhookChangeBody, responses={200: WebhookJSON, **problems(404)}
    )
    def patch(self, request: Request, webhook_id: UUID) -> Response:
        """Changes what the body names; `is_active` stops it and lets it go on."""
        webhook = acting.of(principal(request).id, webhook_id)
        acting.change(webhook, body_of(request, WebhookChangeBody))
        return Response(_told(webhook))

    @extend_schema(operation_id="webhooks_delete", responses={204: None, **problems(404)})
    def delete(self, request: Request, webhook_id: UUID) -> Response:
        """It gets nothing more; what waits for it goes with it."""
        acting.delete(acting.of(principal(request).id, webhook_id))
        return Response(status=204)


class WebhookSecretView(APIView):
    """`POST /api/webhooks/{id}/secret`."""

    @extend_schema(operation_id="webhooks_secret", request=None, responses={200: WebhookSecretJSON, **problems(404)})
    def post(self, request: Request, webhook_id: UUID) -> Response:
        """A new secret."""
        webhook = acting.of(principal(request).id, webhook_id)
        secret = setting_up.rotate(webhook.id, now=timezone.now())
        return Response({"secret": secret}, headers={"Cache-Control": "no-store"})


class WebhookTestView(APIView):
    """`POST /api/webhooks/{id}/test`."""

    @extend_schema(operation_id="webhooks_test", request=None, responses={202: DeliveryJSON, **problems(404)})
    @idempotent
    def post(self, request: Request, webhook_id: UUID) -> Response:
        """Sends it an event of the kind `webhook.tried`; its delivery says what came of it."""
        return Response(delivery_json(acting.try_out(acting.of(principal(request).id, webhook_id))), status=202)


def _told(webhook: Webhook) -> dict[str, Any]:
    return webhook_json(webhook, acting.counts_of([webhook]).get(webhook.destination_id, {}))
