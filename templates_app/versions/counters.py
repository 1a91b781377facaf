"""A version's counters move with the end of each of its executions, in the same statement."""

from __future__ import annotations

from foundation import effects

STATEMENT = """
version_totals AS (
    SELECT template_version_id AS id, count(*) FILTER (WHERE status = 'completed') AS completed,
        count(*) FILTER (WHERE status = 'failed') AS failed, count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
        sum(estimated_cost) AS cost, coalesce(sum(execution_time) FILTER (WHERE status = 'completed'), 0) AS seconds,
        (array_agg(model_id ORDER BY ended_at DESC))[1] AS last_model_id
    FROM ended WHERE is_counted AND template_version_id IS NOT NULL GROUP BY template_version_id
), locked_versions AS (
    -- In key order, so that two processes cannot wait for each other.
    SELECT v.id FROM template_versions v WHERE v.id IN (SELECT id FROM version_totals) ORDER BY v.id FOR NO KEY UPDATE
), counted_versions AS (
    UPDATE template_versions v
    SET completed_count = v.completed_count + t.completed, failed_count = v.failed_count + t.failed,
        cancelled_count = v.cancelled_count + t.cancelled, total_cost = v.total_cost + t.cost,
        total_time = v.total_time + t.seconds, last_model_id = t.last_model_id
    FROM version_totals t JOIN locked_versions l ON l.id = t.id WHERE v.id = t.id
)
"""


def register() -> None:
    """To be called when the app is ready."""
    effects.register("execution_ended", "version_counters", STATEMENT)
