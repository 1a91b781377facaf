"""Hours that are over become figures, once; done again they are the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import connection

HOUR: Final = timedelta(hours=1)
ROLL_UP: Final = """
INSERT INTO usage_hours (hour, user_id, model_id, calls, errors, cost)
SELECT date_trunc('hour', e.created_at, 'UTC'), e.user_id, e.model_id, count(*),
    count(*) FILTER (WHERE e.status = 'failed'), coalesce(sum(e.estimated_cost), 0)
FROM prompt_executions e
WHERE e.created_at >= %s AND e.created_at < %s
    AND NOT jsonb_exists_any(e.metadata, ARRAY['forked_from', 'imported_from'])
GROUP BY 1, 2, 3
ON CONFLICT (hour, user_id, model_id) DO UPDATE
    SET calls = EXCLUDED.calls, errors = EXCLUDED.errors, cost = EXCLUDED.cost
"""
FORGET: Final = "DELETE FROM usage_hours WHERE hour < %s"


def roll_up(*, since: datetime, until: datetime) -> None:
    """Writes the figures of these hours; until is the first one that is not over."""
    with connection.cursor() as cursor:
        cursor.execute(ROLL_UP, [since, until])


def forget(*, before: datetime) -> int:
    """Takes figures away that no baseline asks for any more; how many."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET, [before])
        return int(cursor.rowcount)


def hour_of(moment: datetime) -> datetime:
    """The hour in which it lies."""
    return moment.replace(minute=0, second=0, microsecond=0)
