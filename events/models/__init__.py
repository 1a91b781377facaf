"""Rows of the events: what is told to others, what others told, and what people are told."""

from events.models.intake import ConsumedEvent, Fate
from events.models.notifications import Kind, Notification, NotificationPreference
from events.models.outbox import Delivery, Destination, Event, Format, State, Webhook

__all__ = [
    "ConsumedEvent",
    "Delivery",
    "Destination",
    "Event",
    "Fate",
    "Format",
    "Kind",
    "Notification",
    "NotificationPreference",
    "State",
    "Webhook",
]
