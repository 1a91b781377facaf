"""Administrators are told of an alert when it begins and when it is over, in the transaction that notes it."""

from __future__ import annotations

import uuid
from typing import Final

from accounts.teams import seeing_to
from events.models import Kind
from events.notifications.writing import notify
from monitoring.alerts.measures import MEASURES
from monitoring.models import ErrorGroup, Firing

_EVENTS: Final = uuid.UUID("5a1d4d0e-0a55-4c53-9a5c-61c1b8a0d6f2")


def tell(firing: Firing, *, value: float | None, is_over: bool) -> None:
    """`is_over`: the figure is over its threshold; else it is well again. The same twice is one notification."""
    if firing.figure == "new_errors" and _is_told_otherwise(firing):
        return
    payload = {
        "firing_id": firing.id,
        "state": "firing" if is_over else "resolved",
        "severity": firing.severity,
        "figure": firing.figure,
        "subject": firing.subject,
        "value": value,
        "threshold": firing.threshold,
        "comparison": firing.comparison,
        "unit": MEASURES[firing.figure].unit if firing.figure in MEASURES else "",
    }
    event_id = uuid.uuid5(_EVENTS, f"{firing.id} {payload['state']}")
    people = seeing_to.administrators()
    notify(Kind.ALERT, people=people, payload=payload, words={"name": firing.name}, event_id=event_id)


def _is_told_otherwise(firing: Firing) -> bool:
    """That an error is back is told where it is found (`monitoring.errors.telling`), once and not twice."""
    return ErrorGroup.objects.filter(id=firing.subject).exclude(returned_at=None).exists()
