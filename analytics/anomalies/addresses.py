"""Who comes from a network in which they were never seen, having been seen elsewhere for a week."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from analytics.anomalies.baseline import Metric
from analytics.anomalies.rolling_up import hour_of
from analytics.anomalies.telling import tell
from analytics.models import Anomaly, SubjectKind

HISTORY: Final = timedelta(days=7)
LATELY: Final = timedelta(days=28)
ON_THE_MOVE: Final = 8
"""New networks within `LATELY` from which on another one is usual for somebody, and not told."""
_NEW: Final = """
SELECT n.user_id, n.network, n.by, n.first_seen_at, count(*)
FROM user_networks n JOIN user_networks k ON k.user_id = n.user_id AND k.first_seen_at < n.first_seen_at
WHERE n.first_seen_at >= %(since)s AND n.first_seen_at < %(until)s
GROUP BY n.id
HAVING min(k.first_seen_at) <= n.first_seen_at - %(history)s
    AND count(*) FILTER (WHERE k.first_seen_at > n.first_seen_at - %(lately)s) < %(on_the_move)s
ORDER BY n.first_seen_at, n.id
"""


def tell_of_addresses(*, since: datetime, until: datetime) -> None:
    """A row, closed at once, for each network that was first seen in this span; told once, however often it is asked.

    The evidence has the network, how many were known before, and what they came in by.
    """
    values: dict[str, Any] = {
        "since": since,
        "until": until,
        "history": HISTORY,
        "lately": LATELY,
        "on_the_move": ON_THE_MOVE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NEW, values)
        found = cursor.fetchall()
    for user_id, network, by, at, known in found:
        hour = hour_of(at)
        made, is_new = Anomaly.objects.get_or_create(
            subject_kind=SubjectKind.USER,
            subject_id=str(user_id),
            metric=Metric.NEW_ADDRESS,
            detail=network,
            first_hour=hour,
            defaults={
                "last_hour": hour,
                "closed_at": timezone.now(),
                "evidence": {"hour": hour.isoformat(), "value": network, "count": known, "by": by},
            },
        )
        if is_new:
            tell(made)
