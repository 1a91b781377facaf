"""How a session's executions did: counts, costs, percentiles of times, by model and by day (UTC).

Executions that have ended count. Times are those of completed ones; success is completed of completed and failed,
since who cancels says nothing about the model. Where there is nothing to tell, the value is None. Calls that were
made elsewhere count like others; what they cost was not spent here and stands apart. They are read from what
executions used (`playground.usage`), which is kept when an execution itself is not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import connection

from foundation.cache.lenient import remember, remembered
from sessions_app.models import PlaygroundSession

# One pass for the whole, the models and the days, over the narrow rows of usage.
FIGURES: Final = """
SELECT grouping(model_id, day), model_id, day, count(*),
       count(*) FILTER (WHERE status = 'completed'), count(*) FILTER (WHERE status = 'failed'),
       coalesce(sum(prompt_tokens), 0)::bigint, coalesce(sum(completion_tokens), 0)::bigint,
       coalesce(sum(cost) FILTER (WHERE origin <> 'trace'), 0)::float8 / 1e8,
       coalesce(sum(cost) FILTER (WHERE origin = 'trace'), 0)::float8 / 1e8,
       percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY latency),
       percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY first_token),
       count(latency), count(first_token)
FROM (
    SELECT *, (began_at AT TIME ZONE 'UTC')::date AS day FROM execution_usage
    WHERE session_id = %(session)s
      AND began_at >= coalesce(%(since)s, '-infinity'::timestamptz)
      AND began_at < coalesce(%(before)s, 'infinity'::timestamptz)
) AS used GROUP BY GROUPING SETS ((), (model_id), (day))
"""
WHOLE, OF_MODEL, OF_DAY = 3, 1, 2
"""What PostgreSQL's `grouping(model_id, day)` says of a row: a bit for each column that is not grouped by."""


class Figures(NamedTuple):
    """One row of `FIGURES`."""

    grouping: int
    model_id: str | None
    day: Any
    executions: int
    completed: int
    failed: int
    prompt_tokens: int
    completion_tokens: int
    cost: float
    cost_elsewhere: float
    latency: Sequence[float] | None
    """Milliseconds."""
    first_token: Sequence[float] | None
    timed: int
    """Executions whose latency is known."""
    streamed: int
    """Those whose first token is: an answer that came whole has none."""

    @property
    def tokens(self) -> int:
        """In and out."""
        return self.prompt_tokens + self.completion_tokens

    @property
    def success_rate(self) -> float | None:
        """None when none was completed or failed."""
        tried = self.completed + self.failed
        return self.completed / tried if tried else None


def analytics(
    session: PlaygroundSession, *, since: datetime | None, before: datetime | None, kept: int
) -> dict[str, Any]:
    """Analytics of api.md, remembered for `kept` seconds and until an execution ends."""
    key = _key(session, since, before)
    known: dict[str, Any] | None = remembered(key)
    if known is None:
        known = _as_json(_figures(session, since, before))
        remember(key, known, seconds=kept)
    return known


def _key(session: PlaygroundSession, since: datetime | None, before: datetime | None) -> str:
    # What is asked stands in it, so that an answer of another shape is not taken for one of this.
    state = (FIGURES, session.execution_count, session.total_cost, session.last_executed, since, before)
    return f"analytics:{session.id}:{hashlib.sha256(repr(state).encode()).hexdigest()[:32]}"


def _figures(session: PlaygroundSession, since: datetime | None, before: datetime | None) -> list[Figures]:
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, {"session": session.id, "since": since, "before": before})
        return [Figures(*row) for row in cursor.fetchall()]


def _as_json(rows: list[Figures]) -> dict[str, Any]:
    whole = next(row for row in rows if row.grouping == WHOLE)
    models = sorted((row for row in rows if row.grouping == OF_MODEL), key=lambda row: (-row.executions, row.model_id))
    days = sorted((row for row in rows if row.grouping == OF_DAY), key=lambda row: row.day)
    return {
        "execution_count": whole.executions,
        "total_cost": whole.cost,
        "cost_elsewhere": whole.cost_elsewhere,
        "usage": {
            "prompt_tokens": whole.prompt_tokens,
            "completion_tokens": whole.completion_tokens,
            "total_tokens": whole.tokens,
            "estimated_cost": whole.cost,
        },
        "success_rate": whole.success_rate,
        "latency": {**_percentiles(whole.latency, ("p50", "p95", "p99")), "n": whole.timed},
        "time_to_first_token": {**_percentiles(whole.first_token, ("p50", "p95")), "n": whole.streamed},
        "by_model": [_of_model(row) for row in models],
        "by_day": [_of_day(row) for row in days],
    }


def _of_model(row: Figures) -> dict[str, Any]:
    return {
        "model_id": row.model_id,
        "executions": row.executions,
        "completed": row.completed,
        "failed": row.failed,
        "cost": row.cost,
        "tokens": row.tokens,
        "latency_p50": row.latency[0] / 1000 if row.latency else None,
        "success_rate": row.success_rate,
    }


def _of_day(row: Figures) -> dict[str, Any]:
    return {"date": row.day.isoformat(), "executions": row.executions, "cost": row.cost, "tokens": row.tokens}


def _percentiles(values: Sequence[float] | None, names: Sequence[str]) -> dict[str, float | None]:
    """Seconds."""
    return dict(zip(names, [value / 1000 for value in values] if values else (None,) * len(names), strict=True))
