"""A webhook is stopped that is gone, or has failed for three days; its owner is told."""

from __future__ import annotations

from django.db import transaction

from events.models import Destination, Kind, Webhook
from events.notifications.writing import notify
from events.relay import standing


@transaction.atomic
def stop(webhook: Webhook, *, reason: str = "") -> bool:
    """For `reason`, else where it has failed for three days; whether it was stopped now."""
    if not standing.given_up(webhook.destination_id, reason=reason):
        return False
    last = Destination.objects.values_list("last_error", flat=True).get(name=webhook.destination_id)
    notify(
        Kind.WEBHOOK_STOPPED,
        people=[webhook.owner_id],
        owner_id=webhook.owner_id,
        payload={"webhook_id": str(webhook.id), "reason": reason or f"It has failed for three days: {last}"},
        words={"name": webhook.name},
    )
    return True
