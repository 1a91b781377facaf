"""Who sees which anomaly, and says that it is none."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import Role, User
from analytics.anomalies.throttling import settle
from analytics.models import Anomaly, SubjectKind
from foundation.problems import Problem, not_found
from quotas.ledger.permission import managed_by
from quotas.ledger.throttling import lock


def visible_to(user: User) -> QuerySet[Anomaly]:
    """All for administrators; for everybody else their own, and those of the organisation that they manage."""
    if user.has_role(Role.ADMIN):
        return Anomaly.objects.all()
    seen = Q(subject_kind=SubjectKind.USER, subject_id=str(user.id))
    if key := managed_by(user):
        seen |= Q(subject_kind=SubjectKind.ORGANISATION, subject_id=key)
    return Anomaly.objects.filter(seen)


@transaction.atomic
def dismiss(*, anomaly_id: int, by: User, reason: str, at: datetime) -> Anomaly:
    """Notes that it is no cause for anything, and why; administrators only. A Problem: 403, 404, 409.

    Whoever was held back for it is so no longer.
    """
    found = visible_to(by).filter(id=anomaly_id)
    meant = found.first()
    if meant is None:
        raise not_found("The anomaly")
    if not by.has_role(Role.ADMIN):
        raise Problem(403, "forbidden", "Anomalies are dismissed by administrators.")
    user_id = UUID(meant.subject_id) if meant.subject_kind == SubjectKind.USER else None
    if user_id is not None:
        lock(user_id)
    done = found.filter(dismissed_at=None).update(
        dismissed_at=at, dismissed_by=by, dismissal=reason, closed_at=Coalesce("closed_at", at)
    )
    if not done:
        raise Problem(409, "dismissed", "It was dismissed before.")
    if user_id is not None:
        settle(user_id, now=at)
    return found.get()
