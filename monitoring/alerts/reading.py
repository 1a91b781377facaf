"""Alerts as administrators look at them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db.models import Case, IntegerField, QuerySet, Value, When

from monitoring.models import Alert, AlertState, Firing

MOST_ALERTS: Final = 500
MOST_FIRINGS: Final = 50
ORDER: Final = (AlertState.FIRING, AlertState.PENDING, AlertState.UNKNOWN, AlertState.OK)


def alerts(state: AlertState | None = None) -> list[Alert]:
    """Firing ones first, the newest of them on top."""
    rows: QuerySet[Alert] = Alert.objects.filter(rule__is_enabled=True).select_related("rule", "muted_by")
    if state is not None:
        rows = rows.filter(state=state)
    order = Case(*(When(state=each, then=Value(at)) for at, each in enumerate(ORDER)), output_field=IntegerField())
    return list(rows.order_by(order, "-since", "id")[:MOST_ALERTS])


def history() -> list[Firing]:
    """The newest firings, those that go on among them."""
    return list(Firing.objects.order_by("-began_at", "-id")[:MOST_FIRINGS])


def is_muted(alert: Alert, *, now: datetime) -> bool:
    """Whether nobody is told of it."""
    return alert.muted_until is not None and alert.muted_until > now
