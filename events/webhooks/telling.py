"""Webhooks are told what is due for them, several at once, by one process of the workers: a dead one keeps neither
another webhook nor the EventManager from its events."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Final

from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from events.models import Delivery, Destination, Format, State, Webhook
from events.relay.relaying import Manner, relay
from events.relay.schedule import HOURLY, SHORT
from events.webhooks import hearing, stopping
from events.webhooks.calling import call
from events.webhooks.formats import SHAPES
from integrations.event_manager.client import Answer

logger = logging.getLogger(__name__)

TURN: Final = 10.0
"""Seconds that a webhook is told for at once; the next turn goes on."""
AT_ONCE: Final = 8
_LOCK: Final = "SELECT pg_try_advisory_lock(hashtext('webhooks'), 0)"
_UNLOCK: Final = "SELECT pg_advisory_unlock(hashtext('webhooks'), 0)"
GONE: Final = 410
MANNER: Final = Manner(largest=1, pauses=(*SHORT, HOURLY))


def due() -> list[str]:
    """The destinations of those that can be told something now, and that nobody is telling."""
    waiting = Delivery.objects.filter(destination=OuterRef("pk"), state=State.DUE, due_at__lte=Now())
    rested = Q(paused_until=None) | Q(paused_until__lte=Now())
    free = Q(held_until=None) | Q(held_until__lte=Now())
    rows = Destination.objects.filter(rested, free, Exists(waiting), is_active=True).exclude(webhook=None)
    return list(rows.order_by("last_success_at").values_list("name", flat=True))


def tell_all() -> int:
    """Tells each of them once; nothing where another process does. How many were told."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
        if not cursor.fetchone()[0]:
            return 0
        try:
            names = due()
            with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook") as threads:
                list(threads.map(_apart, names))
            return len(names)
        finally:
            cursor.execute(_UNLOCK)


def _apart(name: str) -> None:
    """One webhook's fault is not another's."""
    try:
        tell(name)
    except Exception:
        logger.exception("webhook_not_told", extra={"destination": name})
    finally:
        connection.close()


def tell(name: str) -> None:
    """One turn. One that is gone (410), or has failed for three days, is taken out."""
    webhook = Webhook.objects.select_related("destination").filter(destination=name).first()
    if webhook is None:
        return
    if reason := hearing.why_ended(webhook):
        stopping.stop(webhook, reason=reason)
        return

    shape = SHAPES[Format(webhook.format)]

    def send(events: Sequence[dict[str, Any]], id_: str) -> Answer:
        answer = call(webhook, events, id_, content_type=shape.content_type)
        if answer.status == GONE:
            stopping.stop(webhook, reason="It is gone (410).")
        return answer

    relay(name, send, seconds=TURN, manner=replace(MANNER, shape=shape.of))
    stopping.stop(webhook)
