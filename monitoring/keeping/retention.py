"""How long errors, samples and alerts are kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from monitoring.models import ErrorGroup, Firing, Sample
from privacy.keeping import ByItsClock, UntilRemoved, With, decide

KEPT: Final = timedelta(days=90)
SAMPLES_KEPT: Final = timedelta(days=35)
"""Five weeks: the longest window that is compared with the one before it is a fortnight."""


def declare() -> None:
    """To be called when the app is ready."""
    decide(ByItsClock("90 days after they were last seen"), "error_groups")
    decide(With("error_groups"), "error_hours")
    decide(ByItsClock("35 days after their minute"), "monitoring_samples")
    decide(UntilRemoved("what an administrator wants to be told of"), "alert_rules")
    decide(With("alert_rules"), "alerts")
    decide(ByItsClock("90 days after they were over"), "alert_firings")


def forget_old(*, now: datetime) -> int:
    """Removes groups that were not seen for long, with their counts; how many."""
    return ErrorGroup.objects.filter(last_seen__lt=now - KEPT).delete()[1].get("monitoring.ErrorGroup", 0)


def forget_old_samples(*, now: datetime) -> int:
    """Removes samples of minutes that are long gone; how many."""
    return Sample.objects.filter(minute__lt=now - SAMPLES_KEPT).delete()[0]


def forget_old_firings(*, now: datetime) -> int:
    """Removes what has long been over; how many."""
    return Firing.objects.filter(ended_at__lt=now - KEPT).delete()[0]
