"""Asks the EventManager for the events that we consume; at each start, and again until it has taken them all."""

from __future__ import annotations

import logging
import uuid
from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from events.models import Destination
from events.outbox.destinations import EVENT_MANAGER
from integrations.event_manager.client import EventManager
from integrations.event_manager.errors import EventManagerAway

logger = logging.getLogger(__name__)

TOPICS: Final = ("project/#", "user/#", "system/#", "cost/#")
BATCH: Final = 100
THERE_ALREADY: Final = 409


def subscribe(manager: EventManager) -> bool:
    """Whether it has taken all of our subscriptions; those that it knows already are harmless."""
    for topic in TOPICS:
        try:
            answer = manager.subscribe(subscription(topic), name=str(uuid.uuid4()))
        except EventManagerAway as away:
            return _failed(str(away))
        if not answer.is_success and answer.status != THERE_ALREADY:
            return _failed(f"The answer to a subscription was status {answer.status}.")
    Destination.objects.filter(name=EVENT_MANAGER).update(subscribed_at=timezone.now())
    return True


def subscription(topic: str) -> dict[str, Any]:
    """One, of all types below a topic."""
    return {
        "topic": topic,
        "endpoint": endpoint(),
        "connection_type": "webhook",
        "filter": {"types": [topic.replace("/#", ".*")]},
        "options": {"batch_size": BATCH},
        "description": "LLM Playground Service",
    }


def endpoint() -> str:
    """Where events are to be sent: EVENT_ENDPOINT, else this machine's own address."""
    environment = settings.ENV
    return environment.event_endpoint or f"http://{environment.host}:{environment.port}/api/events"


def _failed(reason: str) -> bool:
    logger.warning("event_subscription_failed", extra={"reason": reason})
    return False
