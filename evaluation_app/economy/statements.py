"""The SQL of samples in batches. A test's row is locked before its samples, as everywhere (`running.statements`)."""

from __future__ import annotations

from typing import Final

NEXT: Final = """
SELECT s.id, s.variant_id, s.case_id, s.run, s.attempt, s.block
FROM evaluation_samples s
JOIN evaluation_tests t ON t.id = s.test_id AND t.status = 'running' AND t.control = 'run' AND t.stop_reason = ''
WHERE s.test_id = %(test)s AND s.variant_id = %(variant)s AND s.state = 'pending' AND s.execution_id IS NULL
ORDER BY s.block, s.run, s.id LIMIT %(count)s
"""
ENLIST: Final = """
WITH asked AS (
    SELECT * FROM jsonb_to_recordset(%(asked)s) AS a(id uuid, execution_id uuid, cost numeric, position int)
),
test AS MATERIALIZED (
    SELECT id, max_cost, spent_cost + reserved_cost AS taken FROM evaluation_tests
    WHERE id = %(test)s AND control = 'run' AND status = 'running' AND stop_reason = '' FOR UPDATE
),
free AS MATERIALIZED (
    SELECT s.id, a.execution_id, a.cost, a.position FROM evaluation_samples s JOIN asked a ON a.id = s.id, test
    WHERE s.test_id = test.id AND s.state = 'pending' AND s.execution_id IS NULL FOR UPDATE OF s
),
fits AS (
    SELECT f.id, f.execution_id, f.cost FROM (
        SELECT free.*, sum(cost) OVER (ORDER BY position) AS up_to FROM free
    ) f, test
    WHERE test.max_cost IS NULL OR test.taken + f.up_to <= test.max_cost
),
batch AS (
    INSERT INTO evaluation_provider_batches (
        id, test_id, model_id, state, provider_batch_id, requests, answered, failed, tries, created_at, next_look,
        is_cancelled
    )
    SELECT %(batch)s, test.id, %(model)s, 'sending', '', (SELECT count(*) FROM fits), 0, 0, 0, now(), now(), false
    FROM test WHERE EXISTS (SELECT 1 FROM fits)
),
held AS (
    UPDATE evaluation_samples s
    SET state = 'waiting', batch_id = %(batch)s, execution_id = f.execution_id, reserved_cost = f.cost
    FROM fits f WHERE s.id = f.id RETURNING s.execution_id, f.cost
),
moved AS (
    UPDATE evaluation_tests t SET reserved_cost = t.reserved_cost + d.cost
    FROM (SELECT coalesce(sum(cost), 0) AS cost FROM held) d, test WHERE t.id = test.id
)
SELECT ARRAY(SELECT execution_id FROM held), (SELECT count(*) FROM free), (SELECT reserved_cost FROM evaluation_tests t
    WHERE t.id = %(test)s)
"""
"""Samples into a batch, with their dearest path at its price set aside: one moment, so that nobody who dies leaves any
between. Its row: the executions of those that went, how many might have, and USD that were set aside before."""

BACK: Final = """
WITH locked AS MATERIALIZED (SELECT id FROM evaluation_tests WHERE id = %(test)s FOR UPDATE),
held AS MATERIALIZED (
    SELECT s.id, s.execution_id, s.reserved_cost FROM evaluation_samples s, locked
    WHERE s.id = ANY(%(ids)s::uuid[]) AND s.state = 'waiting' AND s.batch_id = %(batch)s FOR UPDATE OF s
),
moved AS (
    UPDATE evaluation_samples s
    SET state = 'pending', execution_id = NULL, reserved_cost = 0, attempt = attempt + %(more)s
    FROM held h WHERE s.id = h.id
),
freed AS (
    UPDATE evaluation_tests t SET reserved_cost = t.reserved_cost - d.cost
    FROM (SELECT coalesce(sum(reserved_cost), 0) AS cost FROM held) d, locked WHERE t.id = locked.id
)
SELECT execution_id FROM held
"""
"""What the provider never answered is to be had again, and nothing is set aside for it; its executions are told."""

ANSWERED: Final = """
UPDATE evaluation_samples SET state = 'pending'
WHERE id = ANY(%(ids)s::uuid[]) AND state = 'waiting' AND batch_id = %(batch)s
"""
"""Their executions have ended: whoever takes them up scores them, and what was set aside goes with their end."""
