"""How long errors and samples are kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from monitoring.models import ErrorGroup, Sample
from privacy.keeping import ByItsClock, With, decide

KEPT: Final = timedelta(days=90)
SAMPLES_KEPT: Final = timedelta(days=35)
"""Five weeks: the longest window that is compared with the one before it is a fortnight."""


def declare() -> None:
    """To be called when the app is ready."""
    decide(ByItsClock("90 days after they were last seen"), "error_groups")
    decide(With("error_groups"), "error_hours")
    decide(ByItsClock("35 days after their minute"), "monitoring_samples")


def forget_old(*, now: datetime) -> int:
    """Removes groups that were not seen for long, with their counts; how many."""
    return ErrorGroup.objects.filter(last_seen__lt=now - KEPT).delete()[1].get("monitoring.ErrorGroup", 0)


def forget_old_samples(*, now: datetime) -> int:
    """Removes samples of minutes that are long gone; how many."""
    return Sample.objects.filter(minute__lt=now - SAMPLES_KEPT).delete()[0]
