"""Where events go: the table that the outbox asks before it writes anything.

Without an active destination no event is written at all, so nothing piles up that nobody will ever fetch.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from events.models import Destination

EVENT_MANAGER: Final = "event_manager"
EVENT_STREAM: Final = "event_stream"


def keep() -> None:
    """Has the table say what the environment says; to be called when a process starts."""
    for name, is_named in (
        (EVENT_MANAGER, bool(settings.ENV.event_manager_url)),
        (EVENT_STREAM, bool(settings.ENV.event_stream)),
    ):
        if is_named:
            Destination.objects.update_or_create(name=name, defaults={"is_active": True})
        else:
            Destination.objects.filter(name=name, is_active=True).update(is_active=False)


def of(type_: str, *, people: Collection[UUID], project_id: str) -> list[str]:
    """The names of those that get such an event; as `events.outbox.statements` has it in SQL."""
    person = Q(user_id=None) | Q(user_id__in=people)
    wanted = Q(types=None) | Q(types__contains=[type_])
    rows = Destination.objects.filter(person, wanted, project_id__in={"", project_id}, is_active=True)
    return list(rows.values_list("name", flat=True))
