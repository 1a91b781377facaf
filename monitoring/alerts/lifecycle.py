"""Every write of an alert's state: a conditional UPDATE on the minute that was judged before, whose row count decides.

Two processes that judge the same minute, or one that does it twice, move it once and tell once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest, Least

from accounts.models import User
from monitoring.alerts.telling import tell
from monitoring.models import Alert, AlertRule, AlertState, Comparison, Firing

UNKNOWN_AFTER: Final = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a minute says of one alert."""

    at: datetime
    value: float | None
    is_told: bool = True
    """Whether anything could be told of the figure; of what is gone with its subject the value is None."""


def is_over(rule: AlertRule, value: float | None) -> bool:
    """Whether it is where it must not be."""
    if value is None:
        return False
    return value > rule.threshold if rule.comparison == Comparison.ABOVE else value < rule.threshold


def begin(rule: AlertRule, subject: str, *, at: datetime) -> None:
    """There is an alert of this rule and subject from now on."""
    Alert.objects.bulk_create([Alert(rule=rule, subject=subject, since=at)], ignore_conflicts=True)


@transaction.atomic
def judge(alert: Alert, rule: AlertRule, judged: Judged) -> bool:
    """Moves it as this minute says, and tells whom it is to be told; False when somebody else did so before."""
    if alert.looked_at is not None and alert.looked_at >= judged.at:
        return False
    firing = Firing.objects.filter(alert=alert, ended_at=None).first()
    missing_since = None if judged.is_told else alert.missing_since or judged.at
    state, since = _next(alert, rule, judged, is_firing=firing is not None, missing_since=missing_since)
    moved = Alert.objects.filter(id=alert.id, looked_at=alert.looked_at).update(
        state=state,
        since=since,
        looked_at=judged.at,
        missing_since=missing_since,
        value=judged.value if judged.is_told else F("value"),
    )
    if not moved:
        return False
    if judged.is_told:
        _follow(alert, rule, judged, state=state, firing=firing)
    return True


def _next(
    alert: Alert, rule: AlertRule, judged: Judged, *, is_firing: bool, missing_since: datetime | None
) -> tuple[AlertState, datetime]:
    """The state, and since when it is so."""
    now = AlertState(alert.state)
    if missing_since is not None:
        is_unknown = judged.at - missing_since >= UNKNOWN_AFTER
        return (AlertState.UNKNOWN, missing_since) if is_unknown and now != AlertState.UNKNOWN else (now, alert.since)
    if not is_over(rule, judged.value):
        return (now, alert.since) if now == AlertState.OK else (AlertState.OK, judged.at)
    if is_firing:
        return (now, alert.since) if now == AlertState.FIRING else (AlertState.FIRING, judged.at)
    began = alert.since if now == AlertState.PENDING else judged.at
    if judged.at - began >= timedelta(minutes=rule.minutes):
        return AlertState.FIRING, judged.at
    return AlertState.PENDING, began


def _follow(alert: Alert, rule: AlertRule, judged: Judged, *, state: AlertState, firing: Firing | None) -> None:
    is_muted = Alert.objects.filter(id=alert.id, muted_until__gt=judged.at).exists()
    if state == AlertState.FIRING and judged.value is not None:
        if firing is None:
            firing = _fire(alert, rule, judged.value, at=judged.at)
        else:
            worse = Greatest if rule.comparison == Comparison.ABOVE else Least
            Firing.objects.filter(id=firing.id).update(worst=worse(F("worst"), judged.value))
        if not is_muted and Firing.objects.filter(id=firing.id, told_at=None).update(told_at=judged.at):
            tell(firing, value=judged.value, is_over=True)
    elif firing is not None:
        is_ended = Firing.objects.filter(id=firing.id, ended_at=None).update(ended_at=judged.at)
        # Of what nobody heard, nobody needs to hear that it is over.
        if is_ended and firing.told_at is not None and not is_muted:
            tell(firing, value=judged.value, is_over=False)


def _fire(alert: Alert, rule: AlertRule, value: float, *, at: datetime) -> Firing:
    return Firing.objects.create(
        alert=alert,
        name=rule.name,
        subject=alert.subject,
        figure=rule.figure,
        comparison=rule.comparison,
        threshold=rule.threshold,
        severity=rule.severity,
        began_at=at,
        worst=value,
    )


def end_of(rule: AlertRule, *, at: datetime) -> None:
    """What the rule has firing is over without a word: it is switched off, or changed, or goes."""
    Firing.objects.filter(alert__rule=rule, ended_at=None).update(ended_at=at)
    Alert.objects.filter(rule=rule).exclude(state=AlertState.OK).update(
        state=AlertState.OK, since=at, value=None, missing_since=None
    )


def mute(alert_id: int, *, until: datetime | None, by: User) -> bool:
    """Nobody is told of it until then; None: it is told again. False where there is no such alert."""
    return bool(Alert.objects.filter(id=alert_id).update(muted_until=until, muted_by=by))
