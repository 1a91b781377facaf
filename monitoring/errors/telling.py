"""Administrators are told of an error that was resolved and is back, once each time."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from accounts.teams import seeing_to
from events.models import Kind
from events.notifications.writing import notify
from monitoring.models import ErrorGroup


@transaction.atomic
def tell_returned(*, now: datetime) -> int:
    """How many groups were told of; each in the transaction that notes that it was."""
    untold = Q(told_at=None) | Q(told_at__lt=F("returned_at"))
    back = ErrorGroup.objects.filter(untold, muted_at=None).exclude(returned_at=None)
    rows = list(back.select_for_update(skip_locked=True).order_by("id"))
    for group in rows:
        payload = {"group_id": group.id, "type": group.type, "place": group.place, "times": group.regressions}
        notify(Kind.ERROR_RETURNED, people=seeing_to.administrators(), payload=payload)
    ErrorGroup.objects.filter(id__in=[each.id for each in rows]).update(told_at=now)
    return len(rows)
