"""What of the period is unlike before: as a list, and as flags of the pictures that show it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import QuerySet

from accounts.models import User
from analytics.anomalies.baseline import Metric
from analytics.anomalies.finding import anomalies_of
from analytics.anomalies.subjects import name_of
from analytics.models import Anomaly, SubjectKind
from analytics.pages.dashboard.choice import Choice
from analytics.pages.dashboard.times import Times
from foundation.presentation.series import Flag

MOST_LISTED: Final = 10
MOST_FLAGGED: Final = 100
WORDS: Final = {Metric.COST: "cost", Metric.VOLUME: "runs", Metric.ERRORS: "failures"}
"""What can be seen in a picture."""


def listed(user: User, choice: Choice) -> list[tuple[Anomaly, str]]:
    """The newest, each with whose it is."""
    found = _of_period(user, choice).order_by("-id")[:MOST_LISTED]
    return [(each, name_of(SubjectKind(each.subject_kind), each.subject_id)) for each in found]


def flags_of(user: User, choice: Choice, times: Times) -> dict[Metric, list[Flag]]:
    """By what is unlike before; what was dismissed is not flagged."""
    found: dict[Metric, list[Flag]] = {metric: [] for metric in WORDS}
    rows = _of_period(user, choice).filter(metric__in=list(WORDS), dismissed_at=None).order_by("-id")
    for each in rows[:MOST_FLAGGED]:
        metric = Metric(each.metric)
        whose = name_of(SubjectKind(each.subject_kind), each.subject_id)
        places = times.places(_begin(each), each.last_hour)
        found[metric] += [Flag(place, f"{WORDS[metric]} of {whose}") for place in places]
    return found


def _of_period(user: User, choice: Choice) -> QuerySet[Anomaly]:
    asked, whose = choice.asked, choice.given.get("whose", "")
    return anomalies_of(user, since=asked.since, before=asked.before, people=asked.people, whose=whose)


def _begin(each: Anomaly) -> datetime:
    """The first hour whose figures are in it: what creeps is the sum of a day."""
    span = each.evidence.get("span", 1) if each.first_hour == each.last_hour else 1
    return each.first_hour - timedelta(hours=int(span) - 1)
