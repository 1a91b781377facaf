"""What is told of a provider as an event: that its status is another one than was told last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import connection, transaction

from events.models import Event
from events.outbox.publishing import publish

TYPE: Final = "provider.status_changed"
AT_FIRST: Final = "healthy"
"""What a provider is taken to be of which nothing was told of late."""
_ONE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(hashtext('provider status'))"


@transaction.atomic
def tell_changes(statuses: Sequence[Mapping[str, Any]]) -> None:
    """`statuses` are those of `health.Standing`."""
    with connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME)
    for status in statuses:
        aggregate, now = f"provider:{status['provider']}", status["status"]
        last = Event.objects.filter(aggregate=aggregate, type__endswith=TYPE).order_by("-created_at").first()
        before = last.payload["to"] if last else AT_FIRST
        if before != now:
            payload = {"provider": status["provider"], "from": before, "to": now, "reason": status["last_error"]}
            publish(TYPE, aggregate=aggregate, payload=payload)
