"""How the services stand that events go to and come from, as `/health` tells it."""

from __future__ import annotations

from django.conf import settings
from django.db.models import QuerySet

from events.models import Destination
from events.outbox.destinations import EVENT_MANAGER, EVENT_STREAM

HEALTHY = "healthy"
UNHEALTHY = "unhealthy"
NOT_CONFIGURED = "not_configured"


def services() -> dict[str, str]:
    """By name. Healthy: it takes what it is told, and the EventManager has our subscriptions."""
    well = Destination.objects.filter(failures=0)
    stream = {EVENT_STREAM: _word(well.filter(name=EVENT_STREAM))} if settings.ENV.event_stream else {}
    if not settings.ENV.event_manager_url:
        return {EVENT_MANAGER: NOT_CONFIGURED, **stream}
    return {EVENT_MANAGER: _word(well.filter(name=EVENT_MANAGER).exclude(subscribed_at=None)), **stream}


def _word(rows: QuerySet[Destination]) -> str:
    return HEALTHY if rows.exists() else UNHEALTHY
