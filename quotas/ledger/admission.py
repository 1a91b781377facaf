"""Leave for executions: what they may need at most is set aside by the statement that begins them, and given back by
the one that ends them, with what they did use counted in its place.

Whose limits an execution meets is found in the database, by the function of this file: those of its user, of the user's
organisation and teams, of the session's project, and of the API token that asked. It locks the usages in question, in
the order of their ids, before it looks at them, so that the next one sees what this one has set aside; it goes through
the batch one by one, since an execution that does not fit must not shut out a smaller one behind it.

A usage is begun by the first execution that meets it. A period begins at midnight of the organisation's time zone (a
project's at midnight UTC: it may be that of several organisations); what was set aside is settled in the period in
which it was.
"""

from __future__ import annotations

from typing import Final

from foundation import effects

SUBJECTS: Final = """
CREATE FUNCTION quotas_subjects(asking_user uuid, project text, token uuid)
RETURNS TABLE (kind text, subject_id text, time_zone text) LANGUAGE sql STABLE AS $$
    WITH asking AS (
        SELECT u.id, u.organisation, coalesce(o.time_zone, 'UTC') AS time_zone
        FROM users u LEFT JOIN organisations o ON o.key = u.organisation WHERE u.id = asking_user
    )
    SELECT 'user', id::text, time_zone FROM asking
    UNION ALL SELECT 'organisation', organisation, time_zone FROM asking WHERE organisation <> ''
    UNION ALL SELECT 'project', project, 'UTC' WHERE project <> ''
    UNION ALL SELECT 'token', token::text, time_zone FROM asking WHERE token IS NOT NULL
    UNION ALL SELECT 'team', t.id::text, coalesce(o.time_zone, 'UTC')
    FROM teams_members m JOIN teams t ON t.id = m.team_id LEFT JOIN organisations o ON o.key = t.organisation
    WHERE m.user_id = asking_user
$$;
"""
"""Whose use is counted where this user runs something, with the time zone of their days."""
SUBJECTS_WITH_THROTTLES: Final = SUBJECTS.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION").replace(
    "    UNION ALL SELECT 'organisation'",
    """    UNION ALL SELECT 'throttle', a.id::text, a.time_zone
    FROM asking a JOIN quota_limits l ON l.subject_kind = 'throttle' AND l.subject_id = a.id::text AND l.ends_at > now()
    UNION ALL SELECT 'organisation'""",
)
"""The same, with the user as one whose use is held back, as long as it is: a limit beside all others."""
SUBJECTS_WITHOUT_THROTTLES: Final = SUBJECTS.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
SUBJECTS_NO_MORE: Final = "DROP FUNCTION quotas_subjects(uuid, text, uuid);"
LET_IN: Final = """
CREATE FUNCTION quotas_let_in(wanted jsonb) RETURNS TABLE (id uuid, usage_ids bigint[]) LANGUAGE plpgsql STRICT AS $$
#variable_conflict use_column
DECLARE
    met jsonb;
    usages bigint[];
    executions_left bigint[];
    tokens_left bigint[];
    cost_left numeric[];
    asked record;
    place int;
    fits boolean;
BEGIN
    met := (
        WITH asked AS (
            SELECT a.* FROM jsonb_to_recordset(wanted) AS a(
                id uuid, user_id uuid, project_id text, token_id uuid, created_at timestamptz, is_first boolean
            ) WHERE a.is_first
        ), limited AS (
            SELECT DISTINCT a.id, s.kind, s.subject_id, s.time_zone, l.period, a.created_at
            FROM asked a CROSS JOIN LATERAL quotas_subjects(a.user_id, a.project_id, a.token_id) s
                JOIN quota_limits l ON l.subject_kind = s.kind AND l.subject_id IN (s.subject_id, '*')
        )
        SELECT jsonb_agg(jsonb_build_object(
            'id', l.id, 'kind', l.kind, 'subject_id', l.subject_id, 'time_zone', l.time_zone, 'period', l.period,
            'starts_on', date_trunc(l.period, now() AT TIME ZONE l.time_zone)::date, 'created_at', l.created_at
        )) FROM limited l
    );
    INSERT INTO quota_usage (subject_kind, subject_id, period, starts_on, time_zone, counted_from, is_whole)
    SELECT m.kind, m.subject_id, m.period, m.starts_on, m.time_zone, least(now(), min(m.created_at)), EXISTS (
        SELECT FROM quota_usage u WHERE u.subject_kind = m.kind AND u.subject_id = m.subject_id
            AND u.period = m.period AND u.starts_on = m.starts_on - ('1 ' || m.period)::interval
    )
    FROM jsonb_to_recordset(met) AS m(
        kind text, subject_id text, period text, starts_on date, time_zone text, created_at timestamptz
    )
    WHERE NOT EXISTS (
        SELECT FROM quota_usage u WHERE u.subject_kind = m.kind AND u.subject_id = m.subject_id
            AND u.period = m.period AND u.starts_on = m.starts_on
    )
    GROUP BY 1, 2, 3, 4, 5
    ORDER BY 1, 2, 3, 4
    ON CONFLICT DO NOTHING;

    -- What an execution has met at its beginning is asked again for each further attempt.
    met := (
        SELECT jsonb_agg(jsonb_build_object('id', p.id, 'usage_id', p.usage_id)) FROM (
            SELECT m.id, u.id AS usage_id
            FROM jsonb_to_recordset(met) AS m(id uuid, kind text, subject_id text, period text, starts_on date)
                JOIN quota_usage u ON u.subject_kind = m.kind AND u.subject_id = m.subject_id
                    AND u.period = m.period AND u.starts_on = m.starts_on
            UNION ALL
            SELECT a.id, h.usage_id FROM jsonb_to_recordset(wanted) AS a(id uuid, is_first boolean)
                JOIN quota_holds h ON h.execution_id = a.id WHERE NOT a.is_first
        ) p
    );
    PERFORM FROM quota_usage u
    WHERE u.id IN (SELECT m.usage_id FROM jsonb_to_recordset(met) AS m(usage_id bigint))
    ORDER BY u.id FOR NO KEY UPDATE;

    SELECT array_agg(r.id), array_agg(r.executions), array_agg(r.tokens), array_agg(r.cost)
    INTO usages, executions_left, tokens_left, cost_left
    FROM (
        SELECT u.id, l.executions - u.executions - h.executions AS executions, l.tokens - u.tokens - h.tokens AS tokens,
            l.cost - u.cost - h.cost AS cost
        FROM (SELECT DISTINCT m.usage_id FROM jsonb_to_recordset(met) AS m(usage_id bigint)) m
            JOIN quota_usage u ON u.id = m.usage_id
            CROSS JOIN LATERAL (
                SELECT count(*) AS executions, coalesce(sum(h.tokens), 0)::bigint AS tokens,
                    coalesce(sum(h.cost), 0) AS cost
                FROM quota_holds h WHERE h.usage_id = u.id
            ) h
            LEFT JOIN LATERAL (
                SELECT CASE WHEN l.is_hard THEN l.executions END AS executions,
                    CASE WHEN l.is_hard THEN l.tokens END AS tokens, CASE WHEN l.is_hard THEN l.cost END AS cost
                FROM quota_limits l
                WHERE l.subject_kind = u.subject_kind AND l.period = u.period AND l.subject_id IN (u.subject_id, '*')
                ORDER BY l.subject_id = '*' LIMIT 1
            ) l ON true
    ) r;

    FOR asked IN
        SELECT a.*, ARRAY(
            SELECT m.usage_id FROM jsonb_to_recordset(met) AS m(id uuid, usage_id bigint) WHERE m.id = a.id
        ) AS usage_ids
        FROM jsonb_to_recordset(wanted) AS a(id uuid, reserved_cost numeric, reserved_tokens bigint, is_first boolean)
    LOOP
        fits := true;
        FOR place IN 1 .. coalesce(cardinality(usages), 0) LOOP
            IF usages[place] = ANY(asked.usage_ids) THEN
                fits := fits
                    AND coalesce(executions_left[place] >= asked.is_first::int, true)
                    AND coalesce(tokens_left[place] >= asked.reserved_tokens, true)
                    AND coalesce(cost_left[place] >= asked.reserved_cost, true);
            END IF;
        END LOOP;
        CONTINUE WHEN NOT fits;
        FOR place IN 1 .. coalesce(cardinality(usages), 0) LOOP
            IF usages[place] = ANY(asked.usage_ids) THEN
                executions_left[place] := executions_left[place] - asked.is_first::int;
                tokens_left[place] := tokens_left[place] - asked.reserved_tokens;
                cost_left[place] := cost_left[place] - asked.reserved_cost;
            END IF;
        END LOOP;
        id := asked.id;
        usage_ids := asked.usage_ids;
        RETURN NEXT;
    END LOOP;
END $$;
"""
LET_IN_NO_MORE: Final = "DROP FUNCTION quotas_let_in(jsonb);"

QUOTA: Final = """
quota AS (
    SELECT id, '{}'::bigint[] AS usage_ids FROM wanted WHERE NOT EXISTS (SELECT FROM quota_limits)
    UNION ALL
    SELECT id, usage_ids FROM quotas_let_in((
        SELECT jsonb_agg(jsonb_build_object(
            'id', id, 'user_id', user_id, 'project_id', project_id, 'token_id', token_id, 'is_first', is_first,
            'created_at', created_at, 'reserved_cost', reserved_cost, 'reserved_tokens', reserved_tokens
        )) FROM wanted WHERE EXISTS (SELECT FROM quota_limits)
    ))
)
"""
HELD: Final = """
quota_held AS (
    INSERT INTO quota_holds AS h (execution_id, usage_id, tokens, cost, created_at, held_until)
    SELECT r.id, u.usage_id, r.reserved_tokens, r.reserved_cost, now(), r.held_until
    FROM reserved r JOIN quota q ON q.id = r.id CROSS JOIN LATERAL unnest(q.usage_ids) AS u(usage_id)
    ON CONFLICT (execution_id, usage_id) DO UPDATE
    SET tokens = h.tokens + excluded.tokens, cost = h.cost + excluded.cost
)
"""
ANSWERED: Final = """
quota_unasked AS (
    -- Sent before there was a limit: it is paid, and counts at those that are met now.
    INSERT INTO quota_holds (execution_id, usage_id, tokens, cost, created_at)
    SELECT w.id, u.id, w.reserved_tokens, w.reserved_cost, now()
    FROM wanted w CROSS JOIN LATERAL quotas_subjects(w.user_id, w.project_id, w.token_id) s
        JOIN quota_usage u ON u.subject_kind = s.kind AND u.subject_id = s.subject_id
            AND u.starts_on = date_trunc(u.period, now() AT TIME ZONE s.time_zone)::date
    WHERE EXISTS (SELECT FROM quota_limits) AND NOT EXISTS (SELECT FROM quota_holds h WHERE h.execution_id = w.id)
    ON CONFLICT DO NOTHING
)
"""
ABANDONED: Final = """
quota_given_back AS (DELETE FROM quota_holds h USING abandoned a WHERE h.execution_id = a.id)
"""
SETTLED: Final = """
quota_released AS (
    DELETE FROM quota_holds h USING ended e WHERE h.execution_id = e.id
    RETURNING h.usage_id, e.prompt_tokens + e.completion_tokens AS tokens, e.estimated_cost AS cost
), quota_totals AS (
    SELECT usage_id AS id, count(*) AS executions, sum(tokens) AS tokens, sum(cost) AS cost
    FROM quota_released GROUP BY usage_id
), locked_usages AS (
    -- In key order, so that two processes cannot wait for each other.
    SELECT u.id FROM quota_usage u WHERE u.id IN (SELECT id FROM quota_totals) ORDER BY u.id FOR NO KEY UPDATE
), quota_settled AS (
    UPDATE quota_usage u
    SET executions = u.executions + t.executions, tokens = u.tokens + t.tokens, cost = u.cost + t.cost
    FROM quota_totals t JOIN locked_usages l ON l.id = t.id WHERE u.id = t.id
)
"""


def register() -> None:
    """To be called when the app is ready."""
    effects.register("execution_reserves", "quota", QUOTA)
    effects.register("execution_reserved", "quota", HELD)
    effects.register("execution_answered", "quota", ANSWERED)
    effects.register("execution_abandoned", "quota", ABANDONED)
    effects.register("execution_ended", "quota", SETTLED)
