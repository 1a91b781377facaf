"""A person's notifications in the page: the newest first, how many are unread, and what marks them as read."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from events.models import Notification
from foundation.problems import not_found


def of(user_id: UUID, *, unread: bool = False) -> QuerySet[Notification]:
    """The newest first."""
    rows = Notification.objects.filter(user_id=user_id, is_shown=True)
    return (rows.filter(read_at=None) if unread else rows).order_by("-created_at", "-id")


def unread(user_id: UUID) -> int:
    """How many."""
    return of(user_id, unread=True).count()


def read(user_id: UUID, notification_id: UUID, *, now: datetime) -> Notification:
    """Marks one, which stays as it is where it was read before; a 404 problem where it is not theirs."""
    found = of(user_id).filter(id=notification_id).first()
    if found is None:
        raise not_found("The notification")
    if found.read_at is None:
        found.read_at = now
        found.save(update_fields=["read_at"])
    return found


def read_all(user_id: UUID, *, now: datetime) -> int:
    """Marks every one that was there by now; how many."""
    return of(user_id, unread=True).filter(created_at__lte=now).update(read_at=now)
