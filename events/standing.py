"""How the services stand that events go to and come from, as `/health` tells it."""

from __future__ import annotations

from django.conf import settings

from events.models import Destination
from events.outbox.destinations import EVENT_MANAGER

HEALTHY = "healthy"
UNHEALTHY = "unhealthy"
NOT_CONFIGURED = "not_configured"


def services() -> dict[str, str]:
    """By name. Healthy: it takes what it is told, and has our subscriptions."""
    if not settings.ENV.event_manager_url:
        return {EVENT_MANAGER: NOT_CONFIGURED}
    row = Destination.objects.filter(name=EVENT_MANAGER, failures=0).exclude(subscribed_at=None)
    return {EVENT_MANAGER: HEALTHY if row.exists() else UNHEALTHY}
