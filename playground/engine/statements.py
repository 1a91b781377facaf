"""The SQL of an execution's life; the moves between states are conditional, and their rows tell who came first.

A batch comes as one JSON array of rows, so that one statement is one transaction of many executions.
"""

# ruff: noqa: S608 - put together from this file's own constants; values are always parameters

from __future__ import annotations

from functools import cache

from foundation import effects

_GIVEN = """
WITH given AS (
    SELECT * FROM jsonb_to_recordset(%s) AS g(
        id uuid, session_id uuid, user_id uuid, model_id text, request bytea, parameters bytea, notes bytea,
        status text, metadata jsonb, created_at timestamptz, runner_id uuid, parent_id uuid, template_version_id uuid,
        comparison_id uuid, comparison_position smallint, origin text, max_cost numeric, reserved_cost numeric,
        reserved_tokens bigint, project_id text, token_id uuid
    )
)
"""
_CLAIMED = """
claimed AS (
    INSERT INTO idempotency_keys AS k (user_id, route, key, body_hash, execution_id, created_at)
    VALUES (%s, %s, %s, %s, %s, now())
    -- A run whose process died has given its caller nothing: the key is free for another.
    ON CONFLICT (user_id, route, key) DO UPDATE SET execution_id = excluded.execution_id, created_at = now()
    WHERE k.body_hash = excluded.body_hash AND EXISTS (
        SELECT 1 FROM prompt_executions d
        WHERE d.id = k.execution_id AND d.status = 'failed' AND d.error_code = 'interrupted'
    )
    RETURNING 1
)
"""
_COMPARED = """
compared AS (
    INSERT INTO comparisons (id, session_id, user_id, created_at)
    SELECT comparison_id, session_id, user_id, min(created_at) FROM allowed
    GROUP BY comparison_id, session_id, user_id
)
"""
_BEGUN = """
begun AS (
    INSERT INTO prompt_executions (
        id, session_id, user_id, model_id, request, parameters, notes, status, metadata, created_at, runner_id,
        parent_id, template_version_id, comparison_id, comparison_position, origin, max_cost, reserved_cost,
        reserved_tokens,
        token_id, error_code, prompt_tokens, completion_tokens, estimated_cost, cancel_requested, last_event
    )
    SELECT id, session_id, user_id, model_id, request, parameters, notes, status, metadata, created_at, runner_id,
        parent_id, template_version_id, comparison_id, comparison_position, origin, max_cost, reserved_cost,
        reserved_tokens, token_id,
        '', 0, 0, 0, false, 0
    FROM given WHERE id IN (SELECT id FROM allowed)
    RETURNING id, session_id, user_id, template_version_id, model_id, origin, created_at
)
"""

_ATTACHED = """
attached AS (
    INSERT INTO attachment_uses (attachment_id, execution_id)
    SELECT u.attachment_id, u.execution_id
    FROM jsonb_to_recordset(%s) AS u(attachment_id uuid, execution_id uuid) JOIN begun b ON b.id = u.execution_id
)
"""


@cache
def insert(
    *, is_claimed: bool = False, is_whole: bool = False, is_comparison: bool = False, has_files: bool = False
) -> str:
    """Makes executions; its rows are (id, '') for each that was made, and (id, limit) for each that a limit refused.

    Effects of three moments are part of it. Those of `execution_reserves` are limits: they read `wanted`, what is to be
    set aside, and say which rows they let in; they lock what they judge by, and write nothing. Those of
    `execution_reserved` read `reserved`, what all limits let in, and write it down. Both have the columns id,
    session_id, user_id, template_version_id, model_id, origin, created_at, reserved_cost (USD), reserved_tokens,
    project_id (the session's, or empty), token_id (the API token that asked, or null), is_first (false for a further
    attempt of the same execution, `reserve`, which knows neither of these two) and held_until (when it is taken for
    lost, null where its row tells; `set_aside`). Those of `execution_begun` read `begun`, the new rows.

    With `has_files`, the files that executions are sent (`lifecycle.uses_json`) are the last parameter.

    An idempotency key that is taken makes nothing. Rows that are one whole are all made, or none.
    """
    limits = effects.registered("execution_reserves")
    claimed = " WHERE EXISTS (SELECT 1 FROM claimed)" if is_claimed else ""
    allowed = [f"w.id IN (SELECT id FROM {name})" for name in limits]
    if is_whole:
        allowed += [f"NOT EXISTS (SELECT id FROM wanted EXCEPT SELECT id FROM {name})" for name in limits]
    parts = [
        _GIVEN,
        *([_CLAIMED] if is_claimed else []),
        f"wanted AS (SELECT *, true AS is_first, NULL::timestamptz AS held_until FROM given{claimed})",
        *limits.values(),
        f"allowed AS (SELECT w.* FROM wanted w{' WHERE ' if allowed else ''}{' AND '.join(allowed)})",
        *([_COMPARED] if is_comparison else []),
        _BEGUN,
        "reserved AS (SELECT w.* FROM wanted w JOIN begun b ON b.id = w.id)",
        *effects.registered("execution_reserved").values(),
        *effects.registered("execution_begun").values(),
        *([_ATTACHED] if has_files else []),
    ]
    return ", ".join(parts) + f"SELECT id, '' FROM begun{_refusals(limits)}"


@cache
def set_aside() -> str:
    """Sets aside in advance what executions that are asked elsewhere may cost; its rows are as those of `insert`.

    No row of theirs is there yet: `held_until`, the second parameter, tells when they are taken for lost.
    """
    limits = effects.registered("execution_reserves")
    allowed = " AND ".join(f"w.id IN (SELECT id FROM {name})" for name in limits)
    parts = [
        _GIVEN,
        "wanted AS (SELECT *, true AS is_first, %s::timestamptz AS held_until FROM given)",
        *limits.values(),
        f"reserved AS (SELECT w.* FROM wanted w{' WHERE ' if allowed else ''}{allowed})",
        *effects.registered("execution_reserved").values(),
    ]
    return ", ".join(parts) + f"SELECT id, '' FROM reserved{_refusals(limits)}"


@cache
def insert_answered(*, has_files: bool = False) -> str:
    """Makes executions that were asked and paid elsewhere: no limit refuses them any more.

    Effects of `execution_answered` read `wanted`, as those that ask for leave do: what was not set aside in advance is
    counted all the same.
    """
    parts = [
        _GIVEN,
        "wanted AS (SELECT *, true AS is_first, NULL::timestamptz AS held_until FROM given)",
        "allowed AS (SELECT * FROM wanted)",
        _BEGUN,
        *effects.registered("execution_answered").values(),
        *effects.registered("execution_begun").values(),
        *([_ATTACHED] if has_files else []),
    ]
    return ", ".join(parts) + "SELECT id, '' FROM begun"


@cache
def abandon() -> str:
    """Gives back what was set aside in advance for executions that were never asked.

    Effects of `execution_abandoned` read `abandoned`, their ids.
    """
    parts = ["WITH abandoned AS (SELECT unnest(%s::uuid[]) AS id)", *effects.registered("execution_abandoned").values()]
    return ", ".join(parts) + "SELECT id FROM abandoned"


def _refusals(limits: dict[str, str]) -> str:
    return "".join(
        f" UNION ALL SELECT id, '{name}' FROM wanted WHERE id NOT IN (SELECT id FROM {name})" for name in limits
    )


_WANTED_MORE = """
WITH asked AS (SELECT %s::uuid AS id, %s::numeric AS reserved_cost, %s::bigint AS reserved_tokens), wanted AS (
    SELECT e.id, e.session_id, e.user_id, e.template_version_id, e.model_id, e.origin, e.created_at, a.reserved_cost,
        a.reserved_tokens, '' AS project_id, NULL::uuid AS token_id, false AS is_first,
        NULL::timestamptz AS held_until
    FROM prompt_executions e JOIN asked a ON a.id = e.id
    WHERE e.status IN ('pending', 'running')
      AND (e.max_cost IS NULL OR e.reserved_cost + a.reserved_cost <= e.max_cost)
    FOR UPDATE OF e
)
"""
_MORE = """
more AS (
    UPDATE prompt_executions e
    SET reserved_cost = e.reserved_cost + w.reserved_cost, reserved_tokens = e.reserved_tokens + w.reserved_tokens
    FROM wanted w WHERE e.id = w.id{allowed} RETURNING e.id
)
"""


@cache
def reserve() -> str:
    """Sets more aside for a further attempt, within the execution's own `max_cost` and by leave of the limits.

    Its rows are as those of `insert`; none where `max_cost` or the execution's end is in the way.
    """
    limits = effects.registered("execution_reserves")
    allowed = "".join(f" AND e.id IN (SELECT id FROM {name})" for name in limits)
    parts = [
        _WANTED_MORE,
        *limits.values(),
        _MORE.format(allowed=allowed),
        "reserved AS (SELECT w.* FROM wanted w JOIN more m ON m.id = w.id)",
        *effects.registered("execution_reserved").values(),
    ]
    return ", ".join(parts) + f"SELECT id, '' FROM reserved{_refusals(limits)}"


_END = """
WITH ending AS (
    SELECT * FROM jsonb_to_recordset(%s) AS g(
        id uuid, model_id text, status text, answer bytea, error_code text, error_message bytea, prompt_tokens bigint,
        completion_tokens bigint, estimated_cost numeric, billing jsonb, execution_time numeric, metadata jsonb,
        ended_at timestamptz, last_event int
    )
), ended AS (
    UPDATE prompt_executions e
    SET model_id = g.model_id, status = g.status, answer = g.answer,
        error_code = g.error_code, error_message = g.error_message,
        prompt_tokens = g.prompt_tokens, completion_tokens = g.completion_tokens, estimated_cost = g.estimated_cost,
        billing = g.billing, execution_time = g.execution_time, metadata = g.metadata, ended_at = g.ended_at,
        last_event = g.last_event
    FROM ending g WHERE e.id = g.id AND e.status IN ('pending', 'running')
    RETURNING e.id, e.session_id, e.user_id, e.template_version_id, e.model_id, e.status, e.prompt_tokens,
        e.completion_tokens, e.estimated_cost, e.execution_time, e.ended_at, e.origin, e.reserved_cost,
        e.reserved_tokens, e.error_code, e.created_at, e.billing, e.metadata, e.token_id,
        e.origin NOT IN ('evaluation', 'judge') AS is_counted
)
"""
_KEPT = """
WITH ended AS (
    SELECT * FROM prompt_executions WHERE id = ANY(%s::uuid[]) AND status NOT IN ('pending', 'running')
)
"""


@cache
def end() -> str:
    """Ends executions, with all that apps have registered as effects of `execution_ended`.

    They read `ended`, the rows that ended now, with the columns id, session_id, user_id, template_version_id, model_id,
    status, prompt_tokens, completion_tokens, estimated_cost (USD), execution_time (s), ended_at, origin, reserved_cost
    and reserved_tokens (what was set aside, to be given back), error_code, created_at, billing and metadata (as in the
    row), token_id (the API token that asked, or null), and is_counted: whether it moves the counters of its session and
    version, which one of very many does not.
    """
    return ", ".join([_END, *effects.registered("execution_ended").values()]) + "SELECT id FROM ended"


@cache
def kept() -> str:
    """Has all done that apps have registered as effects of `execution_kept`, for executions that came here ended: the
    copies of others, and those that were made elsewhere.

    They read `ended`, those of the ids that have ended, with all columns of their rows.
    """
    return ", ".join([_KEPT, *effects.registered("execution_kept").values()]) + "SELECT id FROM ended"


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
INSERT INTO runner_leases (id, role, expires_at) VALUES (%s, %s, now() + make_interval(secs => %s))
ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at
"""
LIVE_RUNNERS = "SELECT id FROM runner_leases WHERE expires_at > now() ORDER BY role = 'worker', id"
"""Those that people wait for first: what of a limit cannot be shared evenly is theirs."""
LIVE_WORKERS = "SELECT count(*) FROM runner_leases WHERE expires_at > now() AND role = 'worker'"
END_LEASE = "DELETE FROM runner_leases WHERE id = %s"
ENDED_OF = """
SELECT w.id FROM unnest(%s::uuid[]) AS w(id) LEFT JOIN prompt_executions e ON e.id = w.id
WHERE e.id IS NULL OR e.status NOT IN ('pending', 'running')
"""
ORPHANS = """
SELECT e.id FROM prompt_executions e
WHERE e.status IN ('pending', 'running') AND e.created_at < now() - interval '5 seconds'
  AND NOT EXISTS (SELECT 1 FROM runner_leases l WHERE l.id = e.runner_id AND l.expires_at > now())
ORDER BY e.created_at LIMIT 500
"""
DROP_DEAD_LEASES = "DELETE FROM runner_leases WHERE expires_at < now() - interval '1 day'"
