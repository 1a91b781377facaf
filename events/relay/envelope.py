"""An event as the EventManager takes it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from events.models import Delivery
from events.relay.schedule import MOST_TRIES
from events.vocabulary import SOURCE, priority_of, topic_of


def envelope(delivery: Delivery) -> dict[str, Any]:
    """The table "Envelope of one event" of the contract; the words of people are opened here."""
    event = delivery.event
    at = told(event.created_at)
    return {
        "id": str(event.id),
        "type": event.type,
        "source": SOURCE,
        "topic": topic_of(event.type),
        "timestamp": at,
        "version": "1.0",
        "priority": priority_of(event.type),
        "payload": {"type": event.type, "timestamp": at, **event.payload, **event.words},
        "metadata": {
            "projectId": event.project_id or None,
            "userId": event.user_id and str(event.user_id),
            "sessionId": event.session_id and str(event.session_id),
            "tags": [event.aggregate.partition(":")[0]],
            "retryCount": delivery.attempts,
            "maxRetries": MOST_TRIES,
        },
        "correlationId": event.request_id or event.aggregate,
        "causationId": event.cause_id or None,
    }


def told(at: datetime) -> str:
    """ISO 8601 in UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
