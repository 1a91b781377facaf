"""What is told of a test: its start and its end, and that it is worse than its baseline; figures and titles only."""

from __future__ import annotations

from typing import Final

from events.outbox.statements import written
from foundation import effects

_OF_TEST: Final = """
    SELECT 'llm_playground.evaluation.{what}' AS type, 'test:' || t.test_id AS aggregate, t.user_id,
        NULL::uuid AS session_id, t.project_id,
        jsonb_build_object('test_id', t.test_id, 'user_id', t.user_id{more}) AS payload
    FROM test t
"""
_FIGURES: Final = """,
        'status', t.status, 'success_rate', t.success_rate, 'average_score', t.average_score,
        'recommendations', t.recommendations"""
_REGRESSION: Final = """,
        'baseline_id', t.baseline ->> 'test_id', 'difference', t.baseline -> 'difference',
        'interval', t.baseline -> 'interval'"""
STARTED: Final = written("test_started", _OF_TEST.format(what="started", more=""))
ENDED: Final = written(
    "test_ended",
    _OF_TEST.format(what="completed", more=_FIGURES)
    + "WHERE t.status = 'completed' UNION ALL"
    + _OF_TEST.format(what="failed", more=_FIGURES)
    + "WHERE t.status <> 'completed' UNION ALL"
    + _OF_TEST.format(what="regression_detected", more=_REGRESSION)
    + "WHERE t.status = 'completed' AND (t.baseline ->> 'is_regression')::boolean",
)
"""In one part of the statement: PostgreSQL does parts that nobody reads from the last to the first."""


def register() -> None:
    """To be called when the app is ready. A test that was cancelled has not been completed: it is told as failed."""
    effects.register("evaluation_started", "events", STARTED)
    effects.register("evaluation_ended", "events", ENDED)
