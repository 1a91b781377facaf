"""Every status write of an execution: pending → running → completed | failed | cancelled.

Each move is one conditional UPDATE on the states it may come from, and its row count decides: an
execution ends once, whoever comes first (its run, a cancel, the reaper). The session's counters move
with the end, in the same statement.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from foundation.fields import place_of
from playground.models import Status

TABLE = "prompt_executions"


def answer_place(execution_id: UUID) -> str:
    """Where an execution's answer may be opened."""
    return place_of(TABLE, execution_id, "answer")


def request_place(execution_id: UUID) -> str:
    """Where an execution's request may be opened."""
    return place_of(TABLE, execution_id, "request")


@dataclass(frozen=True, slots=True)
class Beginning:
    """A row that does not exist yet; `request` is sealed, `parameters` and `metadata` are JSON text."""

    id: UUID
    session_id: UUID
    user_id: UUID
    model_id: str
    request: bytes
    parameters: str
    status: Status
    metadata: str
    created_at: datetime
    runner_id: UUID


@dataclass(frozen=True, slots=True)
class Ending:
    """How an execution ended; `answer` is sealed, `metadata` is JSON text, `execution_time` in seconds."""

    id: UUID
    status: Status
    answer: bytes
    error_code: str
    error_message: str
    prompt_tokens: int
    completion_tokens: int
    estimated_cost: Decimal
    execution_time: Decimal
    metadata: str
    ended_at: datetime
    last_event: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A client's idempotency key, taken in the statement that makes the row."""

    user_id: UUID
    route: str
    key: str
    body_hash: bytes


_COLUMNS = "id, session_id, user_id, model_id, request, parameters, status, metadata, created_at, runner_id"
_DEFAULTS = "error_code, error_message, prompt_tokens, completion_tokens, estimated_cost, cancel_requested, last_event"
_GIVEN_ROWS = (
    "unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::bytea[], %s::text[], %s::text[], %s::text[],"
    " %s::timestamptz[], %s::uuid[])"
)
_INSERT = f"""
INSERT INTO {TABLE} ({_COLUMNS}, {_DEFAULTS})
SELECT g.id, g.session_id, g.user_id, g.model_id, g.request, g.parameters::jsonb, g.status, g.metadata::jsonb,
       g.created_at, g.runner_id, '', '', 0, 0, 0, false, 0
FROM {_GIVEN_ROWS} AS g({_COLUMNS})
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
END = f"""
WITH given AS (
    SELECT * FROM unnest(%s::uuid[], %s::text[], %s::bytea[], %s::text[], %s::text[], %s::bigint[], %s::bigint[],
                         %s::numeric[], %s::numeric[], %s::text[], %s::timestamptz[], %s::int[])
    AS g(id, status, answer, error_code, error_message, prompt_tokens, completion_tokens,
         estimated_cost, execution_time, metadata, ended_at, last_event)
), moved AS (
    UPDATE {TABLE} e
    SET status = g.status, answer = g.answer, error_code = g.error_code, error_message = g.error_message,
        prompt_tokens = g.prompt_tokens, completion_tokens = g.completion_tokens, estimated_cost = g.estimated_cost,
        execution_time = g.execution_time, metadata = g.metadata::jsonb, ended_at = g.ended_at, last_event = g.last_event
    FROM given g WHERE e.id = g.id AND e.status IN ('pending', 'running')
    RETURNING e.id, e.session_id, e.estimated_cost, e.ended_at
), totals AS (
    SELECT session_id, count(*) AS runs, sum(estimated_cost) AS cost, max(ended_at) AS latest FROM moved GROUP BY session_id
), locked AS (
    -- Sessions are locked in key order, so that two processes cannot wait for each other.
    SELECT s.id FROM playground_sessions s WHERE s.id IN (SELECT session_id FROM totals) ORDER BY s.id FOR UPDATE
), counted AS (
    UPDATE playground_sessions s
    SET execution_count = s.execution_count + t.runs, total_cost = s.total_cost + t.cost,
        last_executed = greatest(s.last_executed, t.latest)
    FROM totals t JOIN locked l ON l.id = t.session_id WHERE s.id = t.session_id
)
SELECT id FROM moved
"""
START = f"UPDATE {TABLE} SET status = 'running' WHERE id = %s AND status = 'pending' RETURNING id"
REQUEST_CANCEL = f"""
UPDATE {TABLE} SET cancel_requested = true WHERE id = %s AND status IN ('pending', 'running') RETURNING runner_id
"""
CANCELS_FOR = f"""
SELECT id FROM {TABLE} WHERE runner_id = %s AND status IN ('pending', 'running') AND cancel_requested
"""
UNFINISHED_OF = f"""
SELECT id FROM {TABLE}
WHERE runner_id = %s AND status IN ('pending', 'running') AND created_at < now() - interval '30 seconds'
"""
DISOWN = f"UPDATE {TABLE} SET runner_id = NULL WHERE id = ANY(%s::uuid[]) AND status IN ('pending', 'running')"
RENEW_LEASE = """
INSERT INTO runner_leases (id, expires_at) VALUES (%s, now() + make_interval(secs => %s))
ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at
"""
ORPHANS = f"""
SELECT e.id FROM {TABLE} e
WHERE e.status IN ('pending', 'running') AND e.created_at < now() - interval '5 seconds'
  AND NOT EXISTS (SELECT 1 FROM runner_leases l WHERE l.id = e.runner_id AND l.expires_at > now())
ORDER BY e.created_at LIMIT 500
"""
DROP_DEAD_LEASES = "DELETE FROM runner_leases WHERE expires_at < now() - interval '1 day'"


def insert_parameters(rows: list[Beginning]) -> list[Any]:
    """Parameters of INSERT: an array a column."""
    return [
        [row.id for row in rows],
        [row.session_id for row in rows],
        [row.user_id for row in rows],
        [row.model_id for row in rows],
        [row.request for row in rows],
        [row.parameters for row in rows],
        [row.status.value for row in rows],
        [row.metadata for row in rows],
        [row.created_at for row in rows],
        [row.runner_id for row in rows],
    ]


def insert_once_parameters(claim: Claim, row: Beginning) -> list[Any]:
    """Parameters of INSERT_ONCE."""
    return [claim.user_id, claim.route, claim.key, claim.body_hash, row.id, *insert_parameters([row])]


def end_parameters(rows: list[Ending]) -> list[Any]:
    """Parameters of END: an array a column."""
    return [
        [row.id for row in rows],
        [row.status.value for row in rows],
        [row.answer for row in rows],
        [row.error_code for row in rows],
        [row.error_message for row in rows],
        [row.prompt_tokens for row in rows],
        [row.completion_tokens for row in rows],
        [row.estimated_cost for row in rows],
        [row.execution_time for row in rows],
        [row.metadata for row in rows],
        [row.ended_at for row in rows],
        [row.last_event for row in rows],
    ]


def end(ending: Ending) -> bool:
    """Ends one execution outside a web process; False when something else had ended it first."""
    with connection.cursor() as cursor:
        cursor.execute(END, end_parameters([ending]))
        return cursor.fetchone() is not None
