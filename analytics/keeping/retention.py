"""How long figures by hour and anomalies are kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from analytics.models import Anomaly, WeeklyReport
from privacy.keeping import ByItsClock, NoContent, decide

KEPT: Final = timedelta(days=400)


def declare() -> None:
    """To be called when the app is ready."""
    decide(ByItsClock("58 days: as far as a baseline reaches"), "usage_hours")
    decide(NoContent("sums by hour, of nobody in particular"), "usage_cells", "usage_days")
    decide(NoContent("how far the figures are rolled up"), "usage_rollups")
    decide(ByItsClock("400 days"), "anomalies", "weekly_reports")


def forget_old(*, now: datetime) -> int:
    """Removes anomalies and notes of mailed reports of long ago; how many."""
    gone: int = WeeklyReport.objects.filter(created_at__lt=now - KEPT).delete()[0]
    return gone + Anomaly.objects.filter(last_hour__lt=now - KEPT).exclude(closed_at=None).delete()[0]
