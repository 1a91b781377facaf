"""One's own webhooks over REST: made, changed, tried, and their log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import models
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent
from accounts.requests import principal
from events.models import Delivery, Format, State, Webhook
from events.vocabulary import PREFIX, TYPES
from events.webhooks import acting, setting_up
from foundation.rest.openapi import LOCATION, problems
from foundation.rest.pagination import PageQuery, Pages, page_of
from foundation.rest.query import body_of, query_of
from foundation.rest.serializers import StrictSerializer


class TypesField(serializers.ListField):
    """Types of events, without the service's prefix."""

    child = serializers.ChoiceField(choices=TYPES)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_null=True, allow_empty=False, max_length=len(TYPES), **kwargs)

    def to_internal_value(self, data: Any) -> list[str]:
        return sorted({PREFIX + each for each in super().to_internal_value(data)})


class Hears(models.TextChoices):
    """Whose events a webhook gets."""

    OWN = "own", "Mine"
    EVERYBODY = "everybody", "Everybody's"


class WebhookBody(StrictSerializer):
    """A webhook to be."""

    name = serializers.CharField(max_length=100)
    url = serializers.CharField(max_length=1000, help_text="https://…; redirects are not followed.")
    format = serializers.ChoiceField(
        choices=Format.choices,
        default=Format.CLOUDEVENTS,
        help_text="cloudevents: CloudEvents 1.0 in structured JSON. slack, teams: messages of their incoming webhooks.",
    )
    types = TypesField(
        default=None, help_text="null: all; of slack and teams label moves, splits, tests, quotas and anomalies."
    )
    project_id = serializers.CharField(max_length=255, allow_blank=True, default="", help_text="Of this project only.")
    scope = serializers.ChoiceField(
        choices=Hears.choices, default=Hears.OWN, help_text="everybody: the events of all; for administrators."
    )


class WebhookChangeBody(StrictSerializer):
    """What of it changes."""

    name = serializers.CharField(max_length=100, required=False)
    url = serializers.CharField(max_length=1000, required=False)
    format = serializers.ChoiceField(choices=Format.choices, required=False)
    types = TypesField(required=False)
    project_id = serializers.CharField(max_length=255, allow_blank=True, required=False)
    is_active = serializers.BooleanField(required=False, help_text="false: what waits stays, nothing new is kept.")


class WebhookJSON(serializers.Serializer[Any]):
    """A webhook, and how it stands."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    url = serializers.CharField()
    format = serializers.ChoiceField(choices=Format.choices)
    types = serializers.ListField(child=serializers.ChoiceField(choices=TYPES), allow_null=True)
    project_id = serializers.CharField(allow_blank=True)
    scope = serializers.ChoiceField(choices=Hears.choices, help_text="Whose events it gets.")
    is_active = serializers.BooleanField(help_text="false: stopped, by you or after 410 or three days of failing.")
    created_at = serializers.DateTimeField()
    last_success_at = serializers.DateTimeField(allow_null=True)
    last_error = serializers.CharField(allow_blank=True)
    failing_since = serializers.DateTimeField(allow_null=True)
    rests_until = serializers.DateTimeField(allow_null=True)
    waiting = serializers.IntegerField(help_text="Events that it has not taken yet.")
    parked = serializers.IntegerField(help_text="Events that were given up; they can be told again.")


class MadeWebhookJSON(WebhookJSON):
    """A new webhook with its secret, this once."""

    secret = serializers.CharField(
        help_text="whsec_…: checks `webhook-signature` (Standard Webhooks). Not shown again."
    )


class WebhooksJSON(serializers.Serializer[Any]):
    """All of them, the oldest first."""

    results = WebhookJSON(many=True)


class WebhookSecretJSON(serializers.Serializer[Any]):
    """A new secret."""

    secret = serializers.CharField(help_text="Not shown again; for a day calls bear the old one's signature too.")


class DeliveryJSON(serializers.Serializer[Any]):
    """An event for the webhook, and what became of it."""

    id = serializers.IntegerField()
    event_id = serializers.UUIDField(help_text="The id that every try of it bears.")
    type = serializers.CharField()
    subject = serializers.CharField()
    state = serializers.ChoiceField(choices=State.choices)
    attempts = serializers.IntegerField()
    last_error = serializers.CharField(allow_blank=True)
    happened_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class ToldAgainJSON(serializers.Serializer[Any]):
    """How many events are told again."""

    again = serializers.IntegerField()


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
        given = body_of(request, WebhookBody)
        scope = given.pop("scope")
        webhook, secret = setting_up.make(
            owner_id=principal(request).id, for_everybody=scope == Hears.EVERYBODY, **given
        )
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


def _told(webhook: Webhook) -> dict[str, Any]:
    return webhook_json(webhook, acting.counts_of([webhook]).get(webhook.destination_id, {}))


def webhook_json(webhook: Webhook, counts: Mapping[str, int]) -> dict[str, Any]:
    """The webhook; never its secret."""
    stands = webhook.destination
    return {
        "id": webhook.id,
        "name": webhook.name,
        "url": webhook.url,
        "format": webhook.format,
        "types": None if stands.types is None else [each.removeprefix(PREFIX) for each in stands.types],
        "project_id": stands.project_id,
        "scope": Hears.OWN if stands.user_id else Hears.EVERYBODY,
        "is_active": stands.is_active,
        "created_at": webhook.created_at,
        "last_success_at": stands.last_success_at,
        "last_error": stands.last_error,
        "failing_since": stands.failing_since,
        "rests_until": stands.paused_until,
        "waiting": counts.get("waiting", 0),
        "parked": counts.get("parked", 0),
    }


def delivery_json(delivery: Delivery) -> dict[str, Any]:
    """One line of the log; payloads are not shown."""
    event = delivery.event
    return {
        "id": delivery.id,
        "event_id": event.id,
        "type": event.type.removeprefix(PREFIX),
        "subject": event.aggregate,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "last_error": delivery.last_error,
        "happened_at": event.created_at,
        "due_at": delivery.due_at,
        "ended_at": delivery.ended_at,
    }
