"""The end of a test: what was never asked is skipped, totals are made whole, figures are computed once."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from django.db import connection

from evaluation_app import lifecycle
from evaluation_app.baselines.setting import against_baseline
from evaluation_app.figures.meanings import find_meanings
from evaluation_app.figures.results import results_of
from evaluation_app.models import Control, EvaluationTest, TestStatus
from evaluation_app.running import statements

logger = logging.getLogger(__name__)


def settle(test_id: UUID) -> bool:
    """Ends or rests a test that nobody has anything to do for any more; whether its place is free now."""
    test = EvaluationTest.objects.filter(id=test_id).first()
    if test is None or test.status != TestStatus.RUNNING:
        return test is None or test.status != TestStatus.PENDING
    names = {"test": test_id}
    with connection.cursor() as cursor:
        if test.stop_reason or test.control == Control.CANCEL:
            cursor.execute(statements.SKIP, names)
        cursor.execute(statements.IS_OPEN, names)
        is_open, is_claimed = cursor.fetchone()
        if is_claimed:
            return False
        if is_open:
            return test.control == Control.PAUSE and lifecycle.rest(test_id)
        cursor.execute(statements.CASES_WITHOUT_TOTAL, names)
        if cases := [row[0] for row in cursor.fetchall()]:
            cursor.execute(statements.TOTAL, {"cases": cases})
    return _end(test_id, test.taken_up)


def _end(test_id: UUID, taken_up: int) -> bool:
    test = EvaluationTest.objects.get(id=test_id)
    results: dict[str, Any]
    _find_meanings(test)
    try:
        results, to = results_of(test), _end_state(test)
        if to == TestStatus.COMPLETED:
            results["baseline"] = _against_baseline(test)
    except Exception:
        # Its samples are all there: figures can be computed again, and nobody waits for ever.
        logger.exception("figures_failed", extra={"test_id": str(test_id)})
        results, to = {}, TestStatus.FAILED
    return lifecycle.end(test_id, taken_up=taken_up, to=to, results=results)


def _find_meanings(test: EvaluationTest) -> None:
    """What the answers mean is one figure more: where it cannot be found, all others stand."""
    try:
        find_meanings(test)
    except Exception:
        logger.exception("meanings_not_found", extra={"test_id": str(test.id)})


def _against_baseline(test: EvaluationTest) -> dict[str, Any] | None:
    """As `against_baseline`; the test's own figures are not lost where another's cannot be read."""
    try:
        return against_baseline(test)
    except Exception:
        logger.exception("baseline_not_compared", extra={"test_id": str(test.id)})
        sentence = "It could not be compared with the baseline."
        return {"is_regression": False, "difference": None, "reason": "comparison_failed", "sentence": sentence}


def _end_state(test: EvaluationTest) -> TestStatus:
    if test.control == Control.CANCEL:
        return TestStatus.CANCELLED
    return TestStatus.FAILED if test.stop_reason == "only_errors" else TestStatus.COMPLETED
