"""Notifications are written in the transaction of the change, whether anybody else is told of the event or not."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone

from events.models import Kind, Notification
from events.notifications import preferences


def notify(
    kind: Kind,
    *,
    people: Collection[UUID | None],
    payload: Mapping[str, Any],
    words: Mapping[str, Any] | None = None,
    by: UUID | None = None,
    owner_id: UUID | None = None,
    event_id: UUID | None = None,
) -> None:
    """Tells each of `people` once of this event, as they want it; whoever did it knows.

    `payload` holds ids and figures; what somebody wrote goes into `words`, which are sealed, and go with `owner_id`,
    whose they are.
    """
    told = {each for each in people if each is not None and each != by}
    if not told:
        return
    wanted = preferences.ways(kind, told)
    event, now = event_id or uuid.uuid4(), timezone.now()
    rows = [
        Notification(
            user_id=each,
            event_id=event,
            kind=kind,
            payload=dict(payload),
            words=dict(words or {}),
            by_id=by,
            owner_id=owner_id,
            is_shown=way.page,
            created_at=now,
            mail_due_at=now if way.mail and kind not in preferences.MAILED_APART else None,
        )
        for each, way in wanted.items()
        if way.page or (way.mail and kind not in preferences.MAILED_APART)
    ]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
