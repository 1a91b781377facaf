"""How long events are kept: what was told or parked a week, what waits a month; and notifications."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef

from events.models import ConsumedEvent, Delivery, Destination, Event, Fate, Notification, State

KEPT: Final = timedelta(days=7)
KEPT_WAITING: Final = timedelta(days=30)
KEPT_READ: Final = timedelta(days=90)
"""Notifications, after they were read; those that are mailed alone, after they were written."""
KEPT_NOTIFICATIONS: Final = timedelta(days=365)
AT_ONCE: Final = 2_000


def forget_old(*, now: datetime) -> int:
    """Removes what is older; how many rows."""
    waiting = Exists(Delivery.objects.filter(event=OuterRef("pk"), state=State.DUE))
    old = Event.objects.filter(created_at__lt=now - KEPT).exclude(waiting)
    oldest = Event.objects.filter(created_at__lt=now - KEPT_WAITING)
    # What came for a webhook while it was being removed.
    Delivery.objects.exclude(Exists(Destination.objects.filter(name=OuterRef("destination_id")))).delete()
    taken = ConsumedEvent.objects.filter(received_at__lt=now - KEPT).exclude(fate=Fate.WAITING)
    read = Notification.objects.filter(read_at__lt=now - KEPT_READ)
    mailed = Notification.objects.filter(is_shown=False, created_at__lt=now - KEPT_READ)
    told = Notification.objects.filter(created_at__lt=now - KEPT_NOTIFICATIONS)
    removed = 0
    for rows in (old, oldest, taken, read, mailed, told):
        while keys := list(rows.values_list("pk", flat=True)[:AT_ONCE]):
            rows.model._default_manager.filter(pk__in=keys).delete()
            removed += len(keys)
    return removed
