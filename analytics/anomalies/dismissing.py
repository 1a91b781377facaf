"""Who sees which anomaly, and says that it is none."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from accounts.models import Role, User
from analytics.models import Anomaly, SubjectKind
from foundation.problems import Problem, not_found


def visible_to(user: User) -> QuerySet[Anomaly]:
    """All for administrators; one's own for everybody else."""
    if user.has_role(Role.ADMIN):
        return Anomaly.objects.all()
    return Anomaly.objects.filter(subject_kind=SubjectKind.USER, subject_id=str(user.id))


def dismiss(*, anomaly_id: int, by: User, reason: str, at: datetime) -> Anomaly:
    """Notes that it is no cause for anything, and why; administrators only. A Problem: 403, 404, 409."""
    found = visible_to(by).filter(id=anomaly_id)
    if not found.exists():
        raise not_found("The anomaly")
    if not by.has_role(Role.ADMIN):
        raise Problem(403, "forbidden", "Anomalies are dismissed by administrators.")
    done = found.filter(dismissed_at=None).update(
        dismissed_at=at, dismissed_by=by, dismissal=reason, closed_at=Coalesce("closed_at", at)
    )
    if not done:
        raise Problem(409, "dismissed", "It was dismissed before.")
    return found.get()
