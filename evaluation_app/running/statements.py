"""The SQL of a sample's life: moves are conditional on the state and the claim, and their rows tell who came first.

A test's row is locked before its samples' counters and its cases' are moved, so that two runners of one test never
wait for each other in a circle.
"""

from __future__ import annotations

from typing import Final

MAKE_SAMPLES: Final = """
INSERT INTO evaluation_samples (
    id, test_id, variant_id, case_id, run, block, state, attempt, reserved_cost, cost, judge_cost, error_code,
    prompt_tokens, completion_tokens, digest
)
SELECT gen_random_uuid(), v.test_id, v.id, c.id, r, c.block, 'pending', 1, 0, 0, 0, '', 0, 0, ''
FROM evaluation_variants v
JOIN evaluation_cases c ON c.test_id = v.test_id
CROSS JOIN generate_series(1, %(runs)s) AS r
WHERE v.test_id = %(test)s
"""
"""One a variant, case and run; nothing of them passes through this process."""

OPEN_CLAIM: Final = """
WITH test AS (SELECT id FROM evaluation_tests WHERE id = %(test)s AND status = 'running' FOR UPDATE)
INSERT INTO evaluation_claims (id, test_id, runner_id, created_at)
SELECT %(claim)s, id, %(runner)s, now() FROM test
WHERE NOT EXISTS (SELECT 1 FROM evaluation_claims c WHERE c.test_id = test.id AND c.runner_id = %(runner)s)
RETURNING id
"""
"""One a test and engine: a task that is delivered twice finds somebody at work."""
CLOSE_CLAIM: Final = """
WITH closed AS (DELETE FROM evaluation_claims WHERE id = %(claim)s)
UPDATE evaluation_samples
SET state = CASE WHEN ended_at IS NULL THEN 'pending' ELSE 'answered' END, claim_id = NULL
WHERE test_id = %(test)s AND state = 'claimed' AND claim_id = %(claim)s
"""
"""Gives back what was not ended. What may have begun keeps its execution's id and what is set aside for it: whoever
takes it up finds the execution, and waits for its end instead of paying again."""

CLAIM: Final = """
WITH test AS (
    SELECT id, control = 'run' AND stop_reason = '' AS goes_on, control = 'pause' AS rests FROM evaluation_tests
    WHERE id = %(test)s AND status = 'running' AND EXISTS (SELECT 1 FROM evaluation_claims WHERE id = %(claim)s)
), picked AS (
    SELECT s.id FROM evaluation_samples s JOIN test ON s.test_id = test.id
    WHERE s.state IN ('pending', 'answered')
      AND (s.execution_id IS NOT NULL OR NOT %(only_begun)s)
      AND (test.goes_on OR s.execution_id IS NOT NULL AND (NOT test.rests OR s.state = 'pending' AND EXISTS (
          SELECT 1 FROM prompt_executions e WHERE e.id = s.execution_id
      )))
    ORDER BY s.block, s.run, s.state = 'answered', s.id LIMIT %(count)s FOR UPDATE OF s SKIP LOCKED
)
UPDATE evaluation_samples s SET state = 'claimed', claim_id = %(claim)s
FROM picked WHERE s.id = picked.id
RETURNING s.id, s.variant_id, s.case_id, s.run, s.attempt, s.execution_id, s.block, s.ended_at IS NOT NULL
"""
"""Where a test stops, only what may have begun is to be had: it is seen to its end, and nothing new is; while it is
paused, only what has begun. Answers that wait to be judged come after those of their run that are still to be asked,
whom they may be compared with; they wait while a test is paused. A runner that was taken for dead has lost its claim,
and gets nothing by it."""
GIVE_BACK: Final = """
UPDATE evaluation_samples SET state = 'pending', claim_id = NULL
WHERE id = ANY(%(ids)s::uuid[]) AND state = 'claimed' AND claim_id = %(claim)s
"""
PUT_OFF: Final = """
UPDATE evaluation_samples SET state = 'answered', claim_id = NULL
WHERE id = %(id)s AND state = 'claimed' AND claim_id = %(claim)s
"""
"""Its answer is there, and nobody judges it now."""
AGAIN: Final = """
WITH locked AS MATERIALIZED (SELECT id FROM evaluation_tests WHERE id = %(test)s FOR UPDATE),
held AS MATERIALIZED (
    SELECT s.id, least(s.reserved_cost, %(cost)s) AS used FROM evaluation_samples s, locked
    WHERE s.id = %(id)s AND s.state = 'claimed' AND s.claim_id = %(claim)s FOR UPDATE OF s
),
moved AS (
    UPDATE evaluation_samples s
    SET state = 'pending', claim_id = NULL, execution_id = NULL, attempt = attempt + 1, cost = s.cost + %(cost)s,
        reserved_cost = s.reserved_cost - h.used
    FROM held h WHERE s.id = h.id
)
UPDATE evaluation_tests t SET spent_cost = t.spent_cost + %(cost)s, reserved_cost = t.reserved_cost - h.used
FROM held h, locked WHERE t.id = locked.id
"""
"""Its execution died with its process, and may have cost: it is asked once more, under another id."""
RESERVE: Final = """
WITH asked AS (
    SELECT * FROM jsonb_to_recordset(%(asked)s) AS a(id uuid, execution_id uuid, cost numeric, position int)
),
test AS MATERIALIZED (
    SELECT id, max_cost, spent_cost + reserved_cost AS taken FROM evaluation_tests
    WHERE id = %(test)s AND control = 'run' AND status = 'running' FOR UPDATE
),
sums AS (
    SELECT a.id, a.execution_id, s.reserved_cost AS before, greatest(a.cost, s.reserved_cost) AS cost,
        sum(greatest(a.cost - s.reserved_cost, 0)) OVER (ORDER BY a.position) AS up_to
    FROM asked a JOIN evaluation_samples s ON s.id = a.id AND s.state = 'claimed' AND s.claim_id = %(claim)s
),
fits AS (
    SELECT sums.* FROM sums, test
    WHERE test.max_cost IS NULL OR test.taken + sums.up_to <= test.max_cost OR sums.cost = sums.before
),
held AS (
    UPDATE evaluation_samples s SET reserved_cost = f.cost, execution_id = f.execution_id
    FROM fits f WHERE s.id = f.id RETURNING s.id, f.cost - f.before AS more
),
moved AS (
    UPDATE evaluation_tests t SET reserved_cost = t.reserved_cost + d.cost
    FROM (SELECT coalesce(sum(more), 0) AS cost FROM held) d, test WHERE t.id = test.id AND d.cost <> 0
)
SELECT sums.id, held.id IS NOT NULL FROM sums CROSS JOIN test LEFT JOIN held ON held.id = sums.id
"""
"""What of these may begin: a sample is called only with its dearest path set aside, so `max_cost` is never passed. What
is covered by what was set aside before needs nothing, whoever is refused beside it. A row for each that the ceiling
alone decides: there is none where the test is paused or ends, or the sample is another's."""

END: Final = """
WITH given AS (
    SELECT * FROM jsonb_to_recordset(%(rows)s) AS g(
        id uuid, claim_id uuid, state text, execution_id uuid, cost numeric, judge_cost numeric, passed boolean,
        score float8, error_code text, error_message bytea, latency float8, prompt_tokens bigint,
        completion_tokens bigint, digest text, ended_at timestamptz
    )
),
locked AS MATERIALIZED (SELECT id FROM evaluation_tests WHERE id = %(test)s FOR UPDATE),
held AS MATERIALIZED (
    SELECT s.id, s.reserved_cost, s.judge_cost FROM evaluation_samples s JOIN given g ON g.id = s.id, locked
    WHERE s.state = 'claimed' AND s.claim_id = g.claim_id FOR UPDATE OF s
),
ended AS (
    UPDATE evaluation_samples s
    SET state = g.state, execution_id = g.execution_id, claim_id = NULL, reserved_cost = 0, cost = s.cost + g.cost,
        judge_cost = coalesce(g.judge_cost, s.judge_cost), passed = g.passed, score = g.score,
        error_code = g.error_code, error_message = g.error_message, latency = g.latency,
        prompt_tokens = g.prompt_tokens, completion_tokens = g.completion_tokens, digest = g.digest,
        ended_at = g.ended_at
    FROM given g JOIN held h ON h.id = g.id WHERE s.id = h.id
    RETURNING s.id, s.case_id, s.state, h.reserved_cost AS reserved,
        g.cost + coalesce(g.judge_cost, h.judge_cost) - h.judge_cost AS spent
),
counted AS (
    UPDATE evaluation_tests t
    SET reserved_cost = t.reserved_cost - d.reserved, spent_cost = t.spent_cost + d.spent, done = t.done + d.done,
        errors = t.errors + d.errors, scorer_errors = t.scorer_errors + d.scorer_errors, skipped = t.skipped + d.skipped
    FROM (
        SELECT sum(reserved) AS reserved, sum(spent) AS spent, count(*) AS done,
            count(*) FILTER (WHERE state = 'errored') AS errors,
            count(*) FILTER (WHERE state = 'scorer_error') AS scorer_errors,
            count(*) FILTER (WHERE state = 'skipped') AS skipped
        FROM ended HAVING count(*) > 0
    ) d
    WHERE t.id = %(test)s
),
closed AS (
    UPDATE evaluation_cases c SET open_samples = c.open_samples - d.ended
    FROM (SELECT case_id, count(*) AS ended FROM ended GROUP BY case_id) d WHERE c.id = d.case_id
    RETURNING c.id, c.open_samples
),
scored AS (
    INSERT INTO evaluation_scores (
        id, sample_id, position, scorer, scorer_hash, value, passed, reason, error_code, execution_id, created_at
    )
    SELECT g.id, g.sample_id, g.position, g.scorer, g.scorer_hash, g.value, g.passed, g.reason, g.error_code,
        g.execution_id, now()
    FROM jsonb_to_recordset(%(scores)s) AS g(
        id uuid, sample_id uuid, position smallint, scorer text, scorer_hash text, value float8, passed boolean,
        reason bytea, error_code text, execution_id uuid
    ) JOIN ended e ON e.id = g.sample_id
    ON CONFLICT (sample_id, position, scorer_hash) DO UPDATE
    SET value = excluded.value, passed = excluded.passed, error_code = excluded.error_code, id = excluded.id,
        reason = excluded.reason, execution_id = excluded.execution_id, created_at = excluded.created_at
),
judged AS (
    INSERT INTO evaluation_judge_calls (
        execution_id, sample_id, scorer, scorer_hash, "order", repeat, choice, reply_number, characters
    )
    SELECT g.execution_id, g.sample_id, g.scorer, g.scorer_hash, g."order", g.repeat, g.choice, g.reply_number,
        g.characters
    FROM jsonb_to_recordset(%(judge_calls)s) AS g(
        execution_id uuid, sample_id uuid, scorer text, scorer_hash text, "order" smallint, repeat smallint,
        choice text, reply_number smallint, characters int
    ) JOIN ended e ON e.id = g.sample_id
    ON CONFLICT (execution_id) DO NOTHING
)
SELECT e.id, c.open_samples = 0 AS is_closed, e.case_id FROM ended e JOIN closed c ON c.id = e.case_id
"""
"""Ends samples, with their scores, the test's counters and money, and their blocks; a row for each that ended now.
What judges cost is told in all, however often the same answer is scored: the bill gets what it has not yet."""

TOTAL: Final = """
INSERT INTO evaluation_case_totals (
    test_id, variant_id, case_id, block, passes, scores, digests, latencies, cost, prompt_tokens, completion_tokens,
    errors, scorer_errors, skipped
)
SELECT s.test_id, s.variant_id, s.case_id, s.block,
    coalesce(array_agg(s.passed ORDER BY s.run) FILTER (WHERE s.state IN ('passed', 'failed')), '{}'),
    coalesce(array_agg(s.score ORDER BY s.run) FILTER (WHERE s.state IN ('passed', 'failed')), '{}'),
    coalesce(array_agg(s.digest ORDER BY s.run) FILTER (WHERE s.digest <> ''), '{}'),
    coalesce(array_agg(s.latency ORDER BY s.run) FILTER (WHERE s.latency IS NOT NULL), '{}'),
    sum(s.cost + s.judge_cost), sum(s.prompt_tokens), sum(s.completion_tokens),
    count(*) FILTER (WHERE s.state = 'errored'), count(*) FILTER (WHERE s.state = 'scorer_error'),
    count(*) FILTER (WHERE s.state = 'skipped')
FROM evaluation_samples s JOIN evaluation_cases c ON c.id = s.case_id
WHERE s.case_id = ANY(%(cases)s::uuid[]) AND c.open_samples = 0
GROUP BY s.test_id, s.variant_id, s.case_id, s.block
ON CONFLICT (variant_id, case_id) DO UPDATE
SET passes = excluded.passes, scores = excluded.scores, digests = excluded.digests, meanings = '{}',
    latencies = excluded.latencies, cost = excluded.cost, prompt_tokens = excluded.prompt_tokens,
    completion_tokens = excluded.completion_tokens, errors = excluded.errors, scorer_errors = excluded.scorer_errors,
    skipped = excluded.skipped
"""
"""The totals of whole cases, made anew from their samples: right however often it is done."""

CASES_WITHOUT_TOTAL: Final = """
SELECT c.id FROM evaluation_cases c
WHERE c.test_id = %(test)s AND c.open_samples = 0
  AND NOT EXISTS (SELECT 1 FROM evaluation_case_totals t WHERE t.case_id = c.id)
"""
SKIP: Final = """
WITH locked AS MATERIALIZED (SELECT id FROM evaluation_tests WHERE id = %(test)s FOR UPDATE),
unasked AS MATERIALIZED (
    SELECT s.id, s.reserved_cost FROM evaluation_samples s, locked
    WHERE s.test_id = locked.id AND s.state IN ('pending', 'answered') AND s.execution_id IS NULL FOR UPDATE OF s
),
skipped AS (
    UPDATE evaluation_samples s SET state = 'skipped', ended_at = now(), reserved_cost = 0
    FROM unasked u WHERE s.id = u.id RETURNING s.case_id, u.reserved_cost AS freed
),
closed AS (
    UPDATE evaluation_cases c SET open_samples = c.open_samples - d.skipped
    FROM (SELECT case_id, count(*) AS skipped FROM skipped GROUP BY case_id) d WHERE c.id = d.case_id
)
UPDATE evaluation_tests t
SET done = t.done + d.skipped, skipped = t.skipped + d.skipped, reserved_cost = t.reserved_cost - d.freed
FROM (SELECT count(*) AS skipped, coalesce(sum(freed), 0) AS freed FROM skipped) d, locked WHERE t.id = locked.id
RETURNING d.skipped
"""
"""Ends what is asked no more, where a test stops early; what waited to be asked once more has money set aside still."""

REOPEN: Final = """
WITH reopened AS (
    UPDATE evaluation_samples s
    SET state = CASE WHEN %(is_answered)s THEN 'answered' ELSE 'pending' END, passed = NULL, score = NULL,
        error_code = '', error_message = NULL,
        ended_at = CASE WHEN %(is_answered)s THEN s.ended_at END,
        execution_id = CASE WHEN %(is_answered)s THEN s.execution_id END,
        attempt = CASE WHEN %(is_answered)s OR s.execution_id IS NULL THEN s.attempt ELSE s.attempt + 1 END,
        latency = CASE WHEN %(is_answered)s THEN s.latency END,
        digest = CASE WHEN %(is_answered)s THEN s.digest ELSE '' END
    FROM (SELECT id, state FROM evaluation_samples WHERE test_id = %(test)s AND state = ANY(%(states)s) FOR UPDATE) o
    WHERE s.id = o.id
    RETURNING s.case_id, o.state AS was
),
opened AS (
    UPDATE evaluation_cases c SET open_samples = c.open_samples + d.reopened
    FROM (SELECT case_id, count(*) AS reopened FROM reopened GROUP BY case_id) d WHERE c.id = d.case_id
),
counted AS (
    UPDATE evaluation_tests t
    SET errors = t.errors - d.errors, scorer_errors = t.scorer_errors - d.scorer_errors, skipped = t.skipped - d.skipped
    FROM (
        SELECT count(*) FILTER (WHERE was = 'errored') AS errors, count(*) FILTER (WHERE was = 'skipped') AS skipped,
            count(*) FILTER (WHERE was = 'scorer_error') AS scorer_errors
        FROM reopened
    ) d
    WHERE t.id = %(test)s
),
forgotten AS (
    DELETE FROM evaluation_case_totals x USING (SELECT DISTINCT case_id FROM reopened) r WHERE x.case_id = r.case_id
)
SELECT count(*) FROM reopened
"""
"""Takes ended samples up again. What they cost stays in the test's bill."""

CONTROL: Final = """
SELECT control, status, stop_reason, done, errors FROM evaluation_tests WHERE id = %(test)s
"""
STOP: Final = """
UPDATE evaluation_tests SET stop_reason = %(reason)s
WHERE id = %(test)s AND status = 'running' AND stop_reason = '' RETURNING id
"""
STOP_SPENT: Final = """
UPDATE evaluation_tests SET stop_reason = 'max_cost'
WHERE id = %(test)s AND status = 'running' AND control = 'run' AND stop_reason = ''
  AND reserved_cost = 0 AND spent_cost + %(cost)s > max_cost
RETURNING id
"""
"""Ends a test whose next sample of so many USD is too dear, where nothing that is set aside may come back."""
IS_OPEN: Final = """
SELECT EXISTS (
    SELECT 1 FROM evaluation_samples WHERE test_id = %(test)s AND state IN ('pending', 'answered')
), EXISTS (
    SELECT 1 FROM evaluation_samples s WHERE s.test_id = %(test)s AND (
        s.state IN ('claimed', 'waiting')
        OR s.state = 'pending' AND EXISTS (SELECT 1 FROM prompt_executions e WHERE e.id = s.execution_id)
    )
)
"""
"""Whether something is left, and whether something is under way: an answer that came, and that nobody has taken up yet,
is seen to its end also where the test is paused."""

DEAD_CLAIMS: Final = """
SELECT DISTINCT s.test_id, s.claim_id FROM evaluation_samples s JOIN evaluation_tests t ON t.id = s.test_id
WHERE s.state = 'claimed' AND t.status IN ('running', 'paused') AND NOT EXISTS (
    SELECT 1 FROM evaluation_claims c JOIN runner_leases l ON l.id = c.runner_id
    WHERE c.id = s.claim_id AND l.expires_at > now()
)
"""
DROP_DEAD_CLAIMS: Final = """
DELETE FROM evaluation_claims c
WHERE NOT EXISTS (SELECT 1 FROM runner_leases l WHERE l.id = c.runner_id AND l.expires_at > now())
"""
