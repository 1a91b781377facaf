"""How long limits and what was used of them are kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils import timezone

from privacy.keeping import ByItsClock, UntilRemoved, With, decide
from quotas.models import QuotaUsage

KEPT: Final = timedelta(days=400)
"""A month can be laid beside that of a year ago."""


def declare() -> None:
    """To be called when the app is ready."""
    decide(UntilRemoved("what somebody may use"), "quota_limits")
    decide(ByItsClock("400 days"), "quota_usage")
    decide(With("quota_usage"), "quota_holds", "quota_alerts")


def forget_old() -> int:
    """Removes what was used in periods long past; how many went."""
    return QuotaUsage.objects.filter(starts_on__lt=timezone.now().date() - KEPT, holds=None).delete()[0]
