"""A webhook and its log in JSON; never its secret, but for the answers that make one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from accounts.api.webhooks.bodies import Hears
from events.models import Delivery, Format, State, Webhook
from events.vocabulary import PREFIX, TYPES
from events.webhooks import hearing


class WebhookJSON(serializers.Serializer[Any]):
    """A webhook, and how it stands."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    url = serializers.CharField()
    format = serializers.ChoiceField(choices=Format.choices)
    types = serializers.ListField(child=serializers.ChoiceField(choices=TYPES), allow_null=True)
    project_id = serializers.CharField(allow_blank=True)
    scope = serializers.ChoiceField(choices=Hears.choices, help_text="Whose events it gets.")
    team_id = serializers.UUIDField(allow_null=True, help_text="Of scope team.")
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


def webhook_json(webhook: Webhook, counts: Mapping[str, int]) -> dict[str, Any]:
    """The webhook; never its secret."""
    stands, team_id = webhook.destination, hearing.team_of(webhook)
    return {
        "id": webhook.id,
        "name": webhook.name,
        "url": webhook.url,
        "format": webhook.format,
        "types": None if stands.types is None else [each.removeprefix(PREFIX) for each in stands.types],
        "project_id": stands.project_id,
        "scope": Hears.TEAM if team_id else Hears.OWN if stands.user_id else Hears.EVERYBODY,
        "team_id": team_id,
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
