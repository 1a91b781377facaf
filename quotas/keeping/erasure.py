"""What becomes of a person's quotas when they are erased."""

from __future__ import annotations

from uuid import UUID

from privacy.erasure.steps import Stage, register
from quotas.ledger.forgetting import forget
from quotas.models import QuotaLimit, QuotaUsage, SubjectKind


def declare() -> None:
    """To be called when the app is ready."""
    register(Stage.PERSON, "quotas", _quotas)


def _quotas(user_id: UUID) -> int:
    of_them = {"subject_kind__in": (SubjectKind.USER, SubjectKind.THROTTLE), "subject_id": str(user_id)}
    limits, _ = QuotaLimit.objects.filter(**of_them).delete()
    return limits + forget(QuotaUsage.objects.filter(**of_them))
