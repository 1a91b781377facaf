"""Owners are told of a model's end 90, 30 and 7 days before, once each, of all that uses it in one notification."""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from events.models import Kind, Notification
from events.notifications.writing import notify
from events.outbox.publishing import publish
from providers.catalogue.listing import all_models
from providers.retiring.uses import Use, uses_of

DAYS_BEFORE: Final = (7, 30, 90)
_EVENTS: Final = uuid.UUID("3f1f3a52-9b0f-4a0e-8f3b-2c1d7a6e5b40")


def tell_of_retiring(*, today: date) -> int:
    """How many notifications are called for; who was told of a step is not told of it again.

    Whoever begins to use the model later is told by the step that holds then.
    """
    retiring = {row["id"]: row for row in all_models() if row["retires_on"] and _step(row, today)}
    by_owner: dict[tuple[str, UUID], list[Use]] = defaultdict(list)
    for use in uses_of(retiring.keys(), seen_by=None):
        by_owner[use.model_id, use.owner_id].append(use)
    for (model_id, owner_id), uses in by_owner.items():
        _tell(retiring[model_id], owner_id, uses, step=_step(retiring[model_id], today))
    return len(by_owner)


def _step(row: dict[str, Any], today: date) -> int:
    """The step that holds today; 0: none yet, or it is gone already."""
    left = (row["retires_on"] - today).days
    return next((days for days in DAYS_BEFORE if 0 <= left <= days), 0)


@transaction.atomic
def _tell(row: dict[str, Any], owner_id: UUID, uses: list[Use], *, step: int) -> None:
    first = uses[0]
    payload = {
        "model_id": row["id"],
        "retires_on": row["retires_on"].isoformat(),
        "replacement": row["replacement"],
        "kind": first.kind,
        "id": str(first.id),
        "uses": len({(use.kind, use.id) for use in uses}),
    }
    # The same for every look at the same step: it is written once.
    event_id = uuid.uuid5(_EVENTS, f"{row['id']} {row['retires_on']} {step}")
    written = Notification.objects.filter(event_id=event_id, user_id=owner_id)
    if written.exists():
        return
    words = {"name": first.name}
    notify(Kind.MODEL_RETIRES, people=[owner_id], payload=payload, words=words, owner_id=owner_id, event_id=event_id)
    if written.exists():
        # Who wants to hear of it in no way is not noted, and would be told by every look.
        publish(
            "model.retiring",
            aggregate=f"model:{row['id']}",
            payload={**payload, "days": step},
            user_id=owner_id,
        )
