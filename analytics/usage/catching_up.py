"""Runs that ended without a row of what they used: a process from before there were rows ended them, while it was being
replaced.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef

from playground.engine import lifecycle
from playground.models import ExecutionUsage, PromptExecution, Status

LOOKED_BACK: Final = timedelta(hours=3)
"""From now to when a run began: an old process lives no longer beside new ones."""
AT_ONCE: Final = 1_000
OPEN: Final = (Status.PENDING, Status.RUNNING)


def catch_up(*, now: datetime) -> int:
    """Writes the missing rows of young runs; says how many there were. Harmless when run twice."""
    young = PromptExecution.objects.filter(created_at__gte=now - LOOKED_BACK).exclude(status__in=OPEN)
    rows = ExecutionUsage.objects.filter(execution_id=OuterRef("id"))
    missing = list(young.filter(~Exists(rows)).order_by().values_list("id", flat=True)[:AT_ONCE])
    if missing:
        lifecycle.keep(missing)
    return len(missing)
