"""What the statements of an execution's life leave open in the ledger of quotas: runs from before a limit was set, and
what is set aside for executions that are no more."""

from __future__ import annotations

from typing import Final

from django.db import connection, transaction

MOST_AT_ONCE: Final = 200
_OF_SUBJECT: Final = {
    "user": "e.user_id = %(subject)s::uuid",
    "organisation": "e.user_id IN (SELECT id FROM users WHERE organisation = %(subject)s)",
    "team": "e.user_id IN (SELECT user_id FROM teams_members WHERE team_id = %(subject)s::uuid)",
    "project": "e.session_id IN (SELECT id FROM playground_sessions WHERE project_id = %(subject)s)",
}
"""Which executions are a subject's. By which API token one was asked for is known to its hold alone."""
_DUE: Final = """
SELECT id, subject_kind, subject_id, starts_on::timestamp AT TIME ZONE time_zone AS starts_at, counted_from
FROM quota_usage WHERE NOT is_whole AND id > %s ORDER BY id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
"""
_USED: Final = """
SELECT count(*) FILTER (WHERE e.status IN ('pending', 'running')), count(*),
    coalesce(sum(e.prompt_tokens + e.completion_tokens), 0), coalesce(sum(e.estimated_cost), 0)
FROM prompt_executions e
WHERE e.origin <> 'trace' AND NOT jsonb_exists_any(e.metadata, ARRAY['forked_from', 'imported_from'])
    AND {of_subject} AND e.created_at >= %(starts_at)s AND e.created_at < %(counted_from)s
    AND NOT EXISTS (SELECT FROM quota_holds h WHERE h.execution_id = e.id AND h.usage_id = %(usage)s)
"""
_ADD: Final = """
UPDATE quota_usage SET executions = executions + %s, tokens = tokens + %s, cost = cost + %s, is_whole = true
WHERE id = %s
"""
_LEFT_BEHIND: Final = """
WITH gone AS (
    DELETE FROM quota_holds h
    WHERE coalesce(h.held_until, h.created_at + interval '1 minute') < now() AND NOT EXISTS (
        SELECT FROM prompt_executions e WHERE e.id = h.execution_id AND e.status IN ('pending', 'running')
    )
    RETURNING h.execution_id, h.usage_id, h.tokens, h.cost
), totals AS (
    -- What an execution used that was deleted while it ran is not known: what was set aside for it was the most.
    SELECT g.usage_id AS id, count(*) AS executions,
        sum(coalesce(e.prompt_tokens + e.completion_tokens, g.tokens)) AS tokens,
        sum(coalesce(e.estimated_cost, g.cost)) AS cost
    FROM gone g LEFT JOIN prompt_executions e ON e.id = g.execution_id GROUP BY g.usage_id
), locked AS (
    SELECT u.id FROM quota_usage u WHERE u.id IN (SELECT id FROM totals) ORDER BY u.id FOR NO KEY UPDATE
)
UPDATE quota_usage u
SET executions = u.executions + t.executions, tokens = u.tokens + t.tokens, cost = u.cost + t.cost
FROM totals t JOIN locked l ON l.id = t.id WHERE u.id = t.id
"""


def make_whole() -> int:
    """Adds what subjects ran in the period at hand before they were counted; how many usages are whole now.

    One of which such a run goes on waits for its end.
    """
    whole, after = 0, 0
    for _ in range(MOST_AT_ONCE):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_DUE, [after])
            row = cursor.fetchone()
            if row is None:
                return whole
            after, kind, subject_id, starts_at, counted_from = row
            unfinished, *used = 0, 0, 0, 0
            if of_subject := _OF_SUBJECT.get(kind):
                values = {"subject": subject_id, "starts_at": starts_at, "counted_from": counted_from, "usage": after}
                cursor.execute(_USED.format(of_subject=of_subject), values)
                unfinished, *used = cursor.fetchone()
            if not unfinished:
                cursor.execute(_ADD, [*used, after])
                whole += 1
    return whole


def settle_left_behind() -> int:
    """Settles what is set aside for executions that have ended or are gone; how many usages had some."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LEFT_BEHIND)
        return int(cursor.rowcount)
