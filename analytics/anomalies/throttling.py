"""Users whose cost or volume is unlike before are held to what is usual for them, where ANOMALY_THROTTLE says so.

What holds somebody hangs on their open anomalies alone: it is worked out anew after each look and each dismissal,
under a lock and in a short transaction of its own, so that it is the same whoever comes first and however often it is
done. It is over by itself when nothing renews it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from analytics.anomalies.baseline import RULES, Judgement, Metric, usual_day
from analytics.anomalies.subjects import Past
from analytics.models import Anomaly, SubjectKind
from quotas.ledger import throttling

HOLDS: Final = timedelta(hours=6)
"""After the last look: a worker that is away holds nobody for longer."""
THROTTLED: Final = (Metric.COST, Metric.VOLUME)
CENT: Final = Decimal("0.01")


def amount(past: Past, judged: Judgement) -> Decimal | None:
    """USD or calls a day that the user is held to: their usual day times ANOMALY_THROTTLE, and never nothing.

    None where they are not.
    """
    factor = settings.ENV.anomaly_throttle
    if not factor or judged.metric not in THROTTLED or past.subject[0] != SubjectKind.USER:
        return None
    usual = usual_day(past.series, hour=judged.hour, metric=judged.metric, first=past.first)
    least = min(rule.least for rule in RULES[judged.metric])
    unit = CENT if judged.metric == Metric.COST else Decimal(1)
    return Decimal(str(max(usual * factor, least))).quantize(unit, rounding=ROUND_CEILING)


def settle_all(*, now: datetime) -> None:
    """Does so for everybody who is held back, or has to be: also what a worker that was killed has left undone."""
    opened = Anomaly.objects.filter(subject_kind=SubjectKind.USER, closed_at=None, throttled_to__isnull=False)
    for user_id in sorted(throttling.held().union(opened.values_list("subject_id", flat=True))):
        with transaction.atomic():
            settle(UUID(user_id), now=now)


def settle(user_id: UUID, *, now: datetime) -> None:
    """Has the user held to what their open anomalies say, or no more; in the transaction at hand.

    Whoever writes to one of these in the same transaction takes the lock first (`quotas.ledger.throttling.lock`).
    """
    throttling.lock(user_id)
    opened = Anomaly.objects.filter(
        subject_kind=SubjectKind.USER, subject_id=str(user_id), closed_at=None, throttled_to__isnull=False
    )
    if not settings.ENV.anomaly_throttle:
        opened.update(throttled_to=None)
    amounts = dict(opened.values_list("metric", "throttled_to"))
    if not amounts:
        throttling.release(user_id)
        return
    calls = amounts.get(Metric.VOLUME)
    throttling.hold(
        user_id,
        cost=amounts.get(Metric.COST),
        executions=None if calls is None else int(calls),
        ends_at=now + HOLDS,
    )
