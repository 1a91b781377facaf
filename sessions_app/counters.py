"""A session's counters move with the end of each of its executions, in the same statement."""

from __future__ import annotations

from foundation import effects

STATEMENT = """
session_totals AS (
    SELECT session_id AS id, count(*) AS runs, sum(estimated_cost) AS cost, max(ended_at) AS latest
    FROM ended WHERE is_counted GROUP BY session_id
), locked_sessions AS (
    -- In key order, so that two processes cannot wait for each other; whoever begins in a session waits for nobody.
    SELECT s.id FROM playground_sessions s WHERE s.id IN (SELECT id FROM session_totals) ORDER BY s.id FOR NO KEY UPDATE
), counted_sessions AS (
    UPDATE playground_sessions s
    SET execution_count = s.execution_count + t.runs, total_cost = s.total_cost + t.cost,
        last_executed = greatest(s.last_executed, t.latest)
    FROM session_totals t JOIN locked_sessions l ON l.id = t.id WHERE s.id = t.id
)
"""


def register() -> None:
    """To be called when the app is ready."""
    effects.register("execution_ended", "session_counters", STATEMENT)
