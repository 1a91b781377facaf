"""Has an event told: its row is written in the transaction of the change that it is of."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from events.models import Delivery, Event
from events.outbox import destinations
from events.vocabulary import PREFIX
from foundation import context
from foundation.tasks import send_task

RELAY = "events.tasks.relay"


def publish(
    type_: str,
    *,
    aggregate: str,
    payload: Mapping[str, Any],
    words: Mapping[str, Any] | None = None,
    user_id: UUID | None = None,
    session_id: UUID | None = None,
    project_id: str = "",
    cause_id: str = "",
    also_for: Iterable[UUID] = (),
) -> UUID:
    """Writes the event `llm_playground.<type_>`, and rings for the relay once the transaction is committed.

    `payload` holds ids and figures only; what people wrote goes into `words`, which are sealed, and joins it when it is
    told. Prompts, answers and messages of errors go into neither. The change holds a lock on its aggregate, so that
    the order of events is the order of changes. Webhooks of `user_id` get it, and of those whom it concerns too.
    Returns the id of the event, also where nobody wanted it.
    """
    id_ = uuid.uuid4()
    names = destinations.of(PREFIX + type_, people={*also_for, *([user_id] if user_id else [])}, project_id=project_id)
    if not names:
        return id_
    with transaction.atomic():
        event = Event(
            id=id_,
            type=PREFIX + type_,
            aggregate=aggregate,
            user_id=user_id,
            session_id=session_id,
            project_id=project_id,
            payload=dict(payload),
            words=dict(words or {}),
            request_id=context.request_id.get()[:100],
            cause_id=cause_id,
        )
        event.save(force_insert=True)
        Delivery.objects.bulk_create(Delivery(event=event, destination_id=name, aggregate=aggregate) for name in names)
        transaction.on_commit(ring)
    return id_


def ring() -> None:
    """The relay comes at once; where the ring is lost, it comes with the clock."""
    send_task(RELAY, expires=5.0)
