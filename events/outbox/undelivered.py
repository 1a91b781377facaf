"""How the outbox stands, for `/metrics` and the monitoring: what destinations are still to be told."""

from __future__ import annotations

from typing import Final

from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.core import Metric

from events.models import Delivery, State
from events.outbox.destinations import EVENT_MANAGER, EVENT_STREAM
from foundation.database.threads import in_database_thread
from foundation.metrics.standing import gauge, register

WEBHOOKS: Final = "webhooks"
"""All of people's together: a label of each would be one a person."""
MOST_COUNTED: Final = 100_000


async def undelivered() -> list[Metric]:
    """Counts and ages by destination, and what was given up."""
    return await in_database_thread(_undelivered)


def _undelivered() -> list[Metric]:
    counts = {(name,): 0.0 for name in (EVENT_MANAGER, EVENT_STREAM, WEBHOOKS)}
    ages = dict(counts)
    rows = Delivery.objects.filter(state=State.DUE).values_list("destination_id")
    now = timezone.now()
    for destination, number, oldest in rows.annotate(number=Count("id"), oldest=Min("event__created_at")):
        key = (destination if (destination,) in counts else WEBHOOKS,)
        counts[key] += number
        ages[key] = max(ages[key], (now - oldest).total_seconds())
    parked = {(): float(Delivery.objects.filter(state=State.PARKED)[:MOST_COUNTED].count())}
    return [
        gauge("outbox_undelivered", "Events that a destination is still to be told.", counts, "destination"),
        gauge("outbox_oldest_age_seconds", "How old the oldest of them is.", ages, "destination"),
        gauge("outbox_parked", "Deliveries that were given up, for somebody to look at.", parked),
    ]


def declare() -> None:
    """To be called when the app is ready."""
    register("outbox", undelivered)
