"""An anomaly stands for a run of unusual hours: opened by the first, carried on, closed by the first usual one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone

from analytics.anomalies import throttling
from analytics.anomalies.baseline import WEEK, Judgement, Metric, is_normal, is_unusual, judge
from analytics.anomalies.rolling_up import HOUR
from analytics.anomalies.subjects import Past, Subject, contributors, number_of
from analytics.anomalies.telling import tell
from analytics.models import Anomaly, SubjectKind

JUDGED: Final = (Metric.COST, Metric.VOLUME, Metric.ERRORS)
DISMISSED_FOR: Final = timedelta(hours=24)
"""After its last unusual hour a dismissed run is taken up again no more: so long an hour stays in the sum of a day."""

Opened = dict[str, Anomaly]
"""Open ones of a subject, by metric."""


def all_opened() -> dict[Subject, Opened]:
    """Everybody's open ones."""
    found: dict[Subject, Opened] = {}
    for each in Anomaly.objects.filter(closed_at=None, metric__in=JUDGED):
        found.setdefault((SubjectKind(each.subject_kind), each.subject_id), {})[each.metric] = each
    return found


def close(opened: Opened, *, at: datetime) -> None:
    """Closes those of a subject of which nothing is known any more, such as an organisation that nobody is of."""
    Anomaly.objects.filter(id__in=[each.id for each in opened.values()], closed_at=None).update(closed_at=at)


class Runs:
    """Those of one subject, while its hours are looked at in their order."""

    def __init__(self, past: Past, opened: Opened) -> None:
        self._past = past
        self._opened = opened
        kind, subject_id = past.subject
        self._all = Anomaly.objects.filter(subject_kind=kind, subject_id=subject_id)

    def look_at(self, hour: datetime) -> None:
        """Opens, carries on and closes what an hour shows that was not looked at before."""
        for metric in JUDGED:
            judged, is_told = self._judge(hour, metric)
            if judged is not None and is_told:
                self._unusual(hour, judged)
            elif is_normal(judged):
                self._usual(hour, metric)
        if self._past.subject[0] != SubjectKind.INSTALLATION:
            self._tell_of_models(hour)

    def look_again(self, hour: datetime) -> None:
        """Opens and carries on what an hour shows of which more is known now; closes nothing, for later ones are."""
        for metric in JUDGED:
            judged, is_told = self._judge(hour, metric)
            if judged is None or not is_told:
                continue
            within = Q(first_hour__lte=hour) & (Q(last_hour__gte=hour) | Q(closed_at__gt=hour))
            known = self._all.filter(within, metric=metric).order_by("-id").first()
            if known is not None:
                self._carry(known, hour, judged)
            else:
                self._unusual(hour, judged)

    def _judge(self, hour: datetime, metric: Metric) -> tuple[Judgement | None, bool]:
        at, first = number_of(hour), self._past.first
        judged = judge(self._past.series, hour=at, metric=metric, first=first)
        return judged, judged is not None and is_unusual(judged, at - first)

    def _unusual(self, hour: datetime, judged: Judgement) -> None:
        known = self._opened.get(judged.metric) or self._dismissed(hour, judged.metric)
        if known is not None:
            self._carry(known, hour, judged)
            return
        opened = self._opened[judged.metric] = self._all.create(
            subject_kind=self._past.subject[0],
            subject_id=self._past.subject[1],
            metric=judged.metric,
            first_hour=hour,
            last_hour=hour,
            evidence=self._evidence(hour, judged),
            throttled_to=throttling.amount(self._past, judged),
        )
        tell(opened)

    def _dismissed(self, hour: datetime, metric: Metric) -> Anomaly | None:
        """The run that goes on though somebody has said that it is none: it is not told anew hour after hour."""
        dismissed = self._all.filter(metric=metric, dismissed_at__isnull=False, first_hour__lte=hour)
        return dismissed.filter(last_hour__gte=hour - DISMISSED_FOR).order_by("-id").first()

    def _carry(self, known: Anomaly, hour: datetime, judged: Judgement) -> None:
        known.first_hour, known.last_hour = min(hour, known.first_hour), max(hour, known.last_hour)
        changed: dict[str, Any] = {"first_hour": known.first_hour, "last_hour": known.last_hour}
        if judged.score > known.evidence.get("score", 0):
            changed["evidence"] = known.evidence = self._evidence(hour, judged)
        if known.throttled_to is None and known.closed_at is None:
            changed["throttled_to"] = known.throttled_to = throttling.amount(self._past, judged)
        self._all.filter(id=known.id).update(**changed)

    def _usual(self, hour: datetime, metric: Metric) -> None:
        over = self._opened.pop(metric, None)
        if over is not None:
            self._all.filter(id=over.id, closed_at=None).update(closed_at=hour + HOUR)

    def _tell_of_models(self, hour: datetime) -> None:
        at = number_of(hour)
        if at - self._past.first < WEEK:
            return
        for model_id, begun in self._past.models.items():
            if begun == at and not self._all.filter(metric=Metric.NEW_MODEL, detail=model_id).exists():
                made = self._all.create(
                    subject_kind=self._past.subject[0],
                    subject_id=self._past.subject[1],
                    metric=Metric.NEW_MODEL,
                    detail=model_id,
                    first_hour=hour,
                    last_hour=hour,
                    closed_at=timezone.now(),
                    evidence={"hour": hour.isoformat(), "value": model_id},
                )
                tell(made)

    def _evidence(self, hour: datetime, judged: Judgement) -> dict[str, Any]:
        return {
            "hour": hour.isoformat(),
            "span": judged.span,
            "value": round(judged.value, 6),
            "median": round(judged.median, 6),
            "mad": round(judged.mad, 6),
            "score": round(judged.score, 2),
            "count": judged.count,
            "contributors": contributors(self._past.subject, judged.metric, hour=hour, span=judged.span),
        }
