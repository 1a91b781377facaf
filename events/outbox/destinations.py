"""Where events go: the table that the outbox asks before it writes anything.

Without an active destination no event is written at all, so nothing piles up that nobody will ever fetch.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings

from events.models import Destination

EVENT_MANAGER: Final = "event_manager"


def keep() -> None:
    """Has the table say what the environment says; to be called when a process starts."""
    if settings.ENV.event_manager_url:
        Destination.objects.update_or_create(name=EVENT_MANAGER, defaults={"is_active": True})
    else:
        Destination.objects.filter(name=EVENT_MANAGER, is_active=True).update(is_active=False)
