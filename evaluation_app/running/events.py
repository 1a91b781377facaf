"""What is told of a test: its start and its end, and that it is worse than its baseline; figures and titles only."""

from __future__ import annotations

from typing import Final

from events.outbox.statements import written
from foundation import effects

_OF_TEST: Final = """
    SELECT 'llm_playground.evaluation.{what}' AS type, 'test:' || t.test_id AS aggregate, t.user_id,
        NULL::uuid AS session_id, '' AS project_id,
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
COMPLETED: Final = written(
    "test_completed", _OF_TEST.format(what="completed", more=_FIGURES) + "WHERE t.status = 'completed'"
)
FAILED: Final = written("test_failed", _OF_TEST.format(what="failed", more=_FIGURES) + "WHERE t.status <> 'completed'")
REGRESSED: Final = written(
    "test_regressed",
    _OF_TEST.format(what="regression_detected", more=_REGRESSION)
    + "WHERE t.status = 'completed' AND (t.baseline ->> 'is_regression')::boolean",
)


def register() -> None:
    """To be called when the app is ready. A test that was cancelled has not been completed: it is told as failed."""
    effects.register("evaluation_started", "events", STARTED)
    # In the order of their names: that it is worse is told after its end.
    effects.register("evaluation_ended", "events_1", COMPLETED)
    effects.register("evaluation_ended", "events_2", FAILED)
    effects.register("evaluation_ended", "events_3", REGRESSED)
