"""Webhooks are told what is due for them, each by a task of its own, so that none waits for another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from events.models import Delivery, Destination, State, Webhook
from events.relay import standing
from events.relay.relaying import Manner, relay
from events.relay.schedule import HOURLY, SHORT
from events.webhooks.calling import call
from events.webhooks.cloud_event import cloud_event
from integrations.event_manager.client import Answer

TURN: Final = 10.0
"""Seconds that one task tells a webhook for; the next one goes on."""
GONE: Final = 410
MANNER: Final = Manner(largest=1, shape=cloud_event, pauses=(*SHORT, HOURLY))


def due() -> list[str]:
    """The destinations of those that can be told something now, and that nobody is telling."""
    waiting = Delivery.objects.filter(destination=OuterRef("pk"), state=State.DUE, due_at__lte=Now())
    rested = Q(paused_until=None) | Q(paused_until__lte=Now())
    free = Q(held_until=None) | Q(held_until__lte=Now())
    rows = Destination.objects.filter(rested, free, Exists(waiting), is_active=True).exclude(webhook=None)
    return list(rows.order_by("last_success_at").values_list("name", flat=True))


def tell(name: str) -> None:
    """One turn. One that is gone (410), or has failed for three days, is taken out."""
    webhook = Webhook.objects.filter(destination=name).first()
    if webhook is None:
        return

    def send(events: Sequence[dict[str, Any]], id_: str) -> Answer:
        answer = call(webhook, events, id_)
        if answer.status == GONE:
            standing.given_up(name, reason="It is gone (410).")
        return answer

    relay(name, send, seconds=TURN, manner=MANNER)
    standing.given_up(name)
