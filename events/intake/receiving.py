"""Events as they come: checked, and kept once an id, before anybody is told that they are taken."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from events.intake.incoming import TIMESTAMP, Incoming
from events.models import ConsumedEvent
from foundation.problems import FieldError, invalid
from foundation.tasks import send_task
from foundation.words import number

MOST: Final = 1_000
"""Events of one call."""
LONGEST_ID: Final = 255
LONGEST_TYPE: Final = 120
TASK: Final = "events.tasks.do_consumed"


def incoming_of(body: Any) -> list[Incoming]:
    """The events of a body, which is one or an array of them; raises a Problem (400) that names what is wrong."""
    events = body if isinstance(body, list) else [body]
    if not 1 <= len(events) <= MOST:
        raise invalid([FieldError("", "count", f"Between 1 and {number(MOST)} events are taken at a time.")])
    faults: list[FieldError] = []
    taken = []
    for place, event in enumerate(events):
        path = f"{place}." if isinstance(body, list) else ""
        if not isinstance(event, dict):
            faults.append(FieldError(path.rstrip("."), "invalid", "An event is an object."))
            continue
        for name, longest in (("id", LONGEST_ID), ("type", LONGEST_TYPE)):
            value = event.get(name)
            if not isinstance(value, str) or not 1 <= len(value) <= longest:
                faults.append(FieldError(path + name, "invalid", f"A text of 1 to {longest} signs is expected."))
        payload = event.get("payload", event.get("data")) or {}
        if not isinstance(payload, dict):
            faults.append(FieldError(path + "payload", "invalid", "An object is expected."))
        if not faults:
            taken.append(Incoming(event["id"], event["type"], _dated(payload, event)))
    if faults:
        raise invalid(faults)
    return taken


def _dated(payload: dict[str, Any], envelope: dict[str, Any]) -> dict[str, Any]:
    # CloudEvents call it "time".
    said = envelope.get(TIMESTAMP, envelope.get("time"))
    return {TIMESTAMP: said, **payload} if isinstance(said, str) else payload


@transaction.atomic
def receive(events: list[Incoming], *, now: datetime) -> int:
    """Keeps those that were not known; how many. Rings for whoever does them."""
    rows = [
        ConsumedEvent(
            event_id=event.id,
            type=event.type,
            subject=subject_of(event),
            payload=dict(event.payload),
            due_at=now,
            # Those of one call are done in its order.
            received_at=now + timedelta(microseconds=place),
        )
        for place, event in enumerate(events)
    ]
    before = ConsumedEvent.objects.filter(event_id__in=[event.id for event in events]).count()
    ConsumedEvent.objects.bulk_create(rows, ignore_conflicts=True)
    after = ConsumedEvent.objects.filter(event_id__in=[event.id for event in events]).count()
    transaction.on_commit(lambda: send_task(TASK, expires=60.0))
    return after - before


def subject_of(event: Incoming) -> str:
    """The thing that it is of, as far as that can be told: `project:<id>`; else the event itself."""
    family = event.type.partition(".")[0]
    for name in (f"{family}_id", "provider"):
        if found := event.text(name):
            return f"{family}:{found}"
    return f"event:{event.id}"
