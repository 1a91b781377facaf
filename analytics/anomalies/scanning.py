"""A finished hour is looked at: whose cost, volume or errors are unlike before, who uses a new model, and who comes
from a new network.

One row stands for a run of such hours, and is closed by the first one that is as usual.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from analytics.anomalies.addresses import tell_of_addresses
from analytics.anomalies.baseline import (
    MOST_WEEKS,
    WEEK,
    Figures,
    Judgement,
    Metric,
    is_normal,
    is_unusual,
    judge,
)
from analytics.anomalies.rolling_up import HOUR, forget, hour_of, roll_up
from analytics.models import Anomaly, SubjectKind, UsageHour, UsageRollup

MOST_HOURS: Final = 24
"""In one go; after a longer pause the next go does the next ones."""
REACH: Final = timedelta(weeks=MOST_WEEKS, days=2)
LATE: Final = timedelta(minutes=15)
"""A run counts in the hour in which it began; most have ended by then."""
NAMED: Final = 5
"""Contributors that an anomaly tells of."""
JUDGED: Final = (Metric.COST, Metric.VOLUME, Metric.ERRORS)
Subject = tuple[SubjectKind, str]


@transaction.atomic
def scan(*, now: datetime) -> int:
    """Rolls up and looks at the hours that are over and were not looked at; how many. Harmless when run twice."""
    UsageRollup.objects.get_or_create(id=1)
    state = UsageRollup.objects.select_for_update(skip_locked=True).first()
    if state is None:
        return 0  # somebody else is at it
    until = hour_of(now - LATE)
    if state.done_until is None:
        roll_up(since=until - REACH, until=until)
        state.done_until = until - HOUR
    since = state.done_until
    until = min(until, since + MOST_HOURS * HOUR)
    if since >= until:
        return 0
    roll_up(since=since - HOUR, until=until)
    forget(before=until - REACH)
    rows = list(UsageHour.objects.filter(hour__lt=until).values_list("hour", "user_id", "model_id", *Figures._fields))
    past = _Past(rows)
    count = 0
    for hour in (since + step * HOUR for step in range(int((until - since) / HOUR))):
        past.look_at(hour)
        count += 1
    tell_of_addresses(since=since, until=until)
    state.done_until = until
    state.save(update_fields=["done_until"])
    return count


class _Past:
    """Figures of everybody who is watched."""

    def __init__(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self._series: dict[Subject, dict[int, Figures]] = defaultdict(dict)
        self._parts: dict[tuple[Subject, int], dict[str, Figures]] = defaultdict(dict)
        self._models: dict[tuple[Subject, str], int] = {}
        self._first: dict[Subject, int] = {}
        organisations = dict(User.objects.values_list("id", "organisation"))
        for hour, user_id, model_id, calls, errors, cost in rows:
            at, figures = _number(hour), Figures(calls, errors, float(cost))
            user = (SubjectKind.USER, str(user_id))
            subjects: list[tuple[Subject, str]] = [(user, model_id), ((SubjectKind.INSTALLATION, ""), str(user_id))]
            if organisation := organisations.get(user_id):
                subjects.append(((SubjectKind.ORGANISATION, organisation), str(user_id)))
            for subject, part in subjects:
                self._take(subject, at, figures, part, model_id)

    def _take(self, subject: Subject, at: int, figures: Figures, part: str, model_id: str) -> None:
        series, parts = self._series[subject], self._parts[subject, at]
        series[at] = _sum(series.get(at, Figures()), figures)
        parts[part] = _sum(parts.get(part, Figures()), figures)
        self._models[subject, model_id] = min(self._models.get((subject, model_id), at), at)
        self._first[subject] = min(self._first.get(subject, at), at)

    def look_at(self, hour: datetime) -> None:
        """Opens, carries on and closes what this hour shows."""
        at = _number(hour)
        opened = {
            (each.subject_kind, each.subject_id, each.metric): each
            for each in Anomaly.objects.filter(closed_at=None, metric__in=JUDGED)
        }
        for subject, series in self._series.items():
            first = self._first[subject]
            for metric in JUDGED:
                open_one = opened.get((*subject, metric))
                judged = judge(series, hour=at, metric=metric, first=first)
                if judged is not None and is_unusual(judged, at - first):
                    self._tell(subject, hour, judged, open_one)
                elif open_one is not None and is_normal(judged):
                    Anomaly.objects.filter(id=open_one.id).update(closed_at=hour + HOUR)
        for (subject, model_id), begun in self._models.items():
            if begun == at and subject[0] != SubjectKind.INSTALLATION and at - self._first[subject] >= WEEK:
                self._tell_of_model(subject, hour, model_id)

    def _tell(self, subject: Subject, hour: datetime, judged: Judgement, open_one: Anomaly | None) -> None:
        evidence = self._evidence(subject, hour, judged)
        if open_one is None:
            Anomaly.objects.create(
                subject_kind=subject[0],
                subject_id=subject[1],
                metric=judged.metric,
                first_hour=hour,
                last_hour=hour,
                evidence=evidence,
            )
            return
        more = {"evidence": evidence} if judged.score > open_one.evidence.get("score", 0) else {}
        Anomaly.objects.filter(id=open_one.id).update(last_hour=max(hour, open_one.last_hour), **more)

    def _tell_of_model(self, subject: Subject, hour: datetime, model_id: str) -> None:
        if Anomaly.objects.filter(
            subject_kind=subject[0], subject_id=subject[1], metric=Metric.NEW_MODEL, detail=model_id
        ).exists():
            return
        Anomaly.objects.create(
            subject_kind=subject[0],
            subject_id=subject[1],
            metric=Metric.NEW_MODEL,
            detail=model_id,
            first_hour=hour,
            last_hour=hour,
            closed_at=timezone.now(),
            evidence={"hour": hour.isoformat(), "value": model_id},
        )

    def _evidence(self, subject: Subject, hour: datetime, judged: Judgement) -> dict[str, Any]:
        parts: dict[str, float] = defaultdict(float)
        for back in range(judged.span):
            for part, figures in self._parts.get((subject, judged.hour - back), {}).items():
                parts[part] += {Metric.COST: figures.cost, Metric.VOLUME: figures.calls}.get(
                    judged.metric, figures.errors
                )
        top = sorted(parts.items(), key=lambda each: -each[1])[:NAMED]
        return {
            "hour": hour.isoformat(),
            "span": judged.span,
            "value": round(judged.value, 6),
            "median": round(judged.median, 6),
            "mad": round(judged.mad, 6),
            "score": round(judged.score, 2),
            "count": judged.count,
            "contributors": [{"id": part, "value": round(value, 6)} for part, value in top if value],
        }


def _number(hour: datetime) -> int:
    return int(hour.timestamp()) // 3600


def _sum(one: Figures, other: Figures) -> Figures:
    return Figures(one.calls + other.calls, one.errors + other.errors, one.cost + other.cost)
