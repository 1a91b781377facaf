"""A person's anomalies, for themselves."""

from __future__ import annotations

from analytics.models import Anomaly, SubjectKind, WeeklyReport
from privacy.own_data.records import of_rows


def declare() -> None:
    """To be called when the app is ready."""
    of_rows(
        "anomalies",
        "Hours in which your use was unlike before, and models and networks that were new.",
        lambda user: Anomaly.objects.filter(subject_kind=SubjectKind.USER, subject_id=str(user.id)),
        "metric", "detail", "first_hour", "last_hour", "evidence", "closed_at", "dismissed_at", "dismissal",
        "throttled_to",
    )  # fmt: skip
    of_rows(
        "weekly_reports",
        "Weeks whose report you were told of.",
        lambda user: WeeklyReport.objects.filter(user=user),
        "week", "sent_at", "created_at",
    )  # fmt: skip
