"""The SQL of an execution's life; the moves between states are conditional, and their rows tell who came first.

A batch comes as one JSON array of rows, so that one statement is one transaction of many executions.
"""

# ruff: noqa: S608 - put together from this file's own constants; values are always parameters

from __future__ import annotations

from functools import cache

from foundation import effects

_INSERT = """
INSERT INTO prompt_executions (
    id, session_id, user_id, model_id, request, parameters, status, metadata, created_at, runner_id,
    parent_id, template_version_id, comparison_id, comparison_position,
    error_code, error_message, prompt_tokens, completion_tokens, estimated_cost, cancel_requested, last_event
)
SELECT g.*, '', '', 0, 0, 0, false, 0
FROM jsonb_to_recordset(%s) AS g(
    id uuid, session_id uuid, user_id uuid, model_id text, request bytea, parameters jsonb, status text,
    metadata jsonb, created_at timestamptz, runner_id uuid, parent_id uuid, template_version_id uuid,
    comparison_id uuid, comparison_position smallint
)
"""
INSERT = f"{_INSERT} RETURNING id"
INSERT_ONCE = f"""
WITH claimed AS (
    INSERT INTO idempotency_keys (user_id, route, key, body_hash, execution_id, created_at)
    VALUES (%s, %s, %s, %s, %s, now())
    ON CONFLICT (user_id, route, key) DO NOTHING RETURNING 1
)
{_INSERT} WHERE EXISTS (SELECT 1 FROM claimed) RETURNING id
"""
_END = """
WITH given AS (
    SELECT * FROM jsonb_to_recordset(%s) AS g(
        id uuid, model_id text, status text, answer bytea, error_code text, error_message text, prompt_tokens bigint,
        completion_tokens bigint, estimated_cost numeric, execution_time numeric, metadata jsonb,
        ended_at timestamptz, last_event int
    )
), ended AS (
    UPDATE prompt_executions e
    SET model_id = g.model_id, status = g.status, answer = g.answer,
        error_code = g.error_code, error_message = g.error_message,
        prompt_tokens = g.prompt_tokens, completion_tokens = g.completion_tokens, estimated_cost = g.estimated_cost,
        execution_time = g.execution_time, metadata = g.metadata, ended_at = g.ended_at,
        last_event = g.last_event
    FROM given g WHERE e.id = g.id AND e.status IN ('pending', 'running')
    RETURNING e.id, e.session_id, e.template_version_id, e.model_id, e.status, e.estimated_cost, e.execution_time,
        e.ended_at
)
"""


@cache
def end() -> str:
    """Ends executions, with all that apps have registered as effects of `execution_ended`.

    An effect is one or more common table expressions that read `ended`, the rows that ended now, with the columns
    id, session_id, template_version_id, model_id, status, estimated_cost, execution_time (s) and ended_at.
    """
    return ", ".join([_END, *effects.statements("execution_ended")]) + "SELECT id FROM ended"


START = "UPDATE prompt_executions SET status = 'running' WHERE id = %s AND status = 'pending' RETURNING id"
REQUEST_CANCEL = """
UPDATE prompt_executions SET cancel_requested = true
WHERE id = %s AND status IN ('pending', 'running') RETURNING runner_id
"""
CANCELS_FOR = """
SELECT id FROM prompt_executions WHERE runner_id = %s AND status IN ('pending', 'running') AND cancel_requested
"""
UNFINISHED_OF = """
SELECT id FROM prompt_executions
WHERE runner_id = %s AND status IN ('pending', 'running') AND created_at < now() - interval '30 seconds'
"""
DISOWN = "UPDATE prompt_executions SET runner_id = NULL WHERE id = ANY(%s::uuid[]) AND status IN ('pending', 'running')"
RENEW_LEASE = """
INSERT INTO runner_leases (id, expires_at) VALUES (%s, now() + make_interval(secs => %s))
ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at
"""
ORPHANS = """
SELECT e.id FROM prompt_executions e
WHERE e.status IN ('pending', 'running') AND e.created_at < now() - interval '5 seconds'
  AND NOT EXISTS (SELECT 1 FROM runner_leases l WHERE l.id = e.runner_id AND l.expires_at > now())
ORDER BY e.created_at LIMIT 500
"""
DROP_DEAD_LEASES = "DELETE FROM runner_leases WHERE expires_at < now() - interval '1 day'"
