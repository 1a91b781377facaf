"""How long errors are kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from monitoring.models import ErrorGroup
from privacy.keeping import ByItsClock, With, decide

KEPT: Final = timedelta(days=90)


def declare() -> None:
    """To be called when the app is ready."""
    decide(ByItsClock("90 days after they were last seen"), "error_groups")
    decide(With("error_groups"), "error_hours")


def forget_old(*, now: datetime) -> int:
    """Removes groups that were not seen for long, with their counts; how many."""
    return ErrorGroup.objects.filter(last_seen__lt=now - KEPT).delete()[1].get("monitoring.ErrorGroup", 0)
