"""An event as CloudEvents 1.0 has it, in structured JSON (https://github.com/cloudevents/spec)."""

from __future__ import annotations

from typing import Any, Final

from events.models import Delivery
from events.relay.envelope import told
from events.vocabulary import SOURCE

CONTENT_TYPE: Final = "application/cloudevents+json"


def cloud_event(delivery: Delivery) -> dict[str, Any]:
    """`data` is the contract's payload; the words of people are opened here."""
    event = delivery.event
    at = told(event.created_at)
    return {
        "specversion": "1.0",
        "id": str(event.id),
        "source": SOURCE,
        "type": event.type,
        "subject": event.aggregate,
        "time": at,
        "datacontenttype": "application/json",
        "data": {"type": event.type, "timestamp": at, **event.payload, **event.words},
    }
