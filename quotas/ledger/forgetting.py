"""What was used of a limit, taken away with what refers to it."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from quotas.models import QuotaUsage


@transaction.atomic
def forget(usages: QuerySet[QuotaUsage]) -> int:
    """Deletes these usages with their holds and alerts; how many rows went.

    They are locked first: an execution that sets something aside meanwhile, or an alert, would refer to a row that is
    gone, which PostgreSQL tells at the end of the transaction only.
    """
    locked = list(usages.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    return QuotaUsage.objects.filter(pk__in=locked).delete()[0]
