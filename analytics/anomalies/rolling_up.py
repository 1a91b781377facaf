"""Hours that are over become figures; done again they are the same, or what they are by now.

A run counts in the hour in which it began, and what it cost is known at its end: hours of which runs have ended since
they were rolled up are rolled up again.
"""

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
    AND e.origin <> 'trace' AND NOT jsonb_exists_any(e.metadata, ARRAY['forked_from', 'imported_from'])
GROUP BY 1, 2, 3
ON CONFLICT (hour, user_id, model_id) DO UPDATE
    SET calls = EXCLUDED.calls, errors = EXCLUDED.errors, cost = EXCLUDED.cost
"""
LONGEST: Final = timedelta(hours=25)
"""From a run's beginning to its end: a day is the most that it is given, and what is left then is ended by others."""
SLACK: Final = timedelta(hours=1)
"""By which clocks differ and answers are stored after their end; what is counted once more is the same."""
ENDED_LATE: Final = """
SELECT DISTINCT date_trunc('hour', created_at, 'UTC') FROM prompt_executions
WHERE created_at >= %s AND created_at < %s AND ended_at >= %s ORDER BY 1
"""
FORGET: Final = "DELETE FROM usage_hours WHERE hour < %s"


def roll_up(*, since: datetime, until: datetime) -> None:
    """Writes the figures of these hours; until is the first one that is not over."""
    with connection.cursor() as cursor:
        cursor.execute(ROLL_UP, [since, until])


def roll_up_again(*, before: datetime, looked_at: datetime | None) -> list[datetime]:
    """Writes the hours before this one anew of which runs have ended since it was looked last; which ones they are.

    None: it is not known when that was.
    """
    ended_since = before - LONGEST if looked_at is None else looked_at - SLACK
    with connection.cursor() as cursor:
        cursor.execute(ENDED_LATE, [before - LONGEST, before, ended_since])
        hours = [hour for (hour,) in cursor.fetchall()]
    for hour in hours:
        roll_up(since=hour, until=hour + HOUR)
    return hours


def forget(*, before: datetime) -> int:
    """Takes figures away that no baseline asks for any more; how many."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET, [before])
        return int(cursor.rowcount)


def hour_of(moment: datetime) -> datetime:
    """The hour in which it lies."""
    return moment.replace(minute=0, second=0, microsecond=0)
