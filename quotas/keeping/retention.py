"""How long limits and what was used of them are kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.db.models.signals import post_delete
from django.utils import timezone

from accounts.models import Team
from privacy.keeping import ByItsClock, UntilRemoved, With, decide
from quotas.ledger.forgetting import forget
from quotas.models import QuotaLimit, QuotaUsage, SubjectKind

KEPT: Final = timedelta(days=400)
"""A month can be laid beside that of a year ago."""


def declare() -> None:
    """To be called when the app is ready."""
    post_delete.connect(_forget_team, sender=Team, dispatch_uid="quotas.teams")
    decide(UntilRemoved("what somebody may use"), "quota_limits")
    decide(ByItsClock("400 days"), "quota_usage")
    decide(With("quota_usage"), "quota_holds", "quota_alerts")


def forget_old() -> int:
    """Removes what was used in periods long past; how many went."""
    return QuotaUsage.objects.filter(starts_on__lt=timezone.now().date() - KEPT, holds=None).delete()[0]


def _forget_team(instance: Team, **kwargs: Any) -> None:
    """A team that is deleted leaves no limits; what was used of them says nothing any more."""
    of_it = {"subject_kind": SubjectKind.TEAM, "subject_id": str(instance.id)}
    QuotaLimit.objects.filter(**of_it).delete()
    forget(QuotaUsage.objects.filter(**of_it))
