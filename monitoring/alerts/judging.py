"""All rules of one minute, after its sample is written; harmless when it is done twice, or by two processes."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import IntegrityError

from monitoring.alerts.lifecycle import Judged, begin, is_over, judge
from monitoring.alerts.measures import MEASURES, Values, minute_of
from monitoring.models import Alert, AlertRule, AlertState, Sample

logger = logging.getLogger(__name__)


def judge_after(sample: Sample) -> None:
    """The minute whose sample was written; what breaks is an error of its own, and takes no sample away."""
    try:
        judge_all(now=sample.minute)
    except Exception:
        logger.exception("alerts_not_judged")


def judge_all(*, now: datetime) -> int:
    """How many alerts were moved on. `now` is the minute's beginning: the last sample that counts is of it."""
    minute = minute_of(now)
    at = now if minute is None else minute.until - timedelta(minutes=1)
    values: dict[str, Values | None] = {}
    moved = 0
    for rule in AlertRule.objects.filter(is_enabled=True).order_by("id"):
        measure = MEASURES.get(rule.figure)
        if measure is None:
            continue
        if rule.figure not in values:
            values[rule.figure] = None if minute is None else measure.of(minute)
        try:
            moved += _judge(rule, _of_rule(rule, values[rule.figure]), at=at)
        except IntegrityError:
            if AlertRule.objects.filter(id=rule.id).exists():
                raise
            # It was deleted meanwhile.
    _forget_what_is_gone(at)
    return moved


def _of_rule(rule: AlertRule, values: Values | None) -> Values | None:
    if values is None or not rule.provider:
        return values
    return {key: value for key, value in values.items() if key == rule.provider}


def _judge(rule: AlertRule, values: Values | None, *, at: datetime) -> int:
    is_one = not MEASURES[rule.figure].by
    known = {alert.subject: alert for alert in rule.alerts.all()}
    # Of a figure with subjects only those that are over get an alert: of the others there is nothing to say.
    wanted = {"": None} if is_one else {key: None for key, value in (values or {}).items() if is_over(rule, value)}
    if new := [subject for subject in wanted if subject not in known]:
        for subject in new:
            begin(rule, subject[:64], at=at)
        known = {alert.subject: alert for alert in rule.alerts.all()}
    return sum(
        judge(alert, rule, Judged(at, None if values is None else values.get(subject), is_told=values is not None))
        for subject, alert in known.items()
    )


def _forget_what_is_gone(at: datetime) -> None:
    """Alerts of subjects, an error's or a provider's, that have long been well; their firings stay."""
    long_ago = at - timedelta(days=1)
    well = Alert.objects.filter(state=AlertState.OK, since__lt=long_ago).exclude(subject="")
    well.exclude(muted_until__gt=at).delete()
