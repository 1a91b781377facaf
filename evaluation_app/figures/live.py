"""How far a test is, and what it shows so far: small enough to be told twice a second."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from evaluation_app.economy.telling import waited_for
from evaluation_app.figures.totals import finished_prefix
from evaluation_app.models import EvaluationTest, TestStatus
from evaluation_app.representation import blocks_done, cost_json, progress_json
from evaluation_app.statistics.cases import pooled
from evaluation_app.statistics.figures import as_json
from evaluation_app.statistics.proportions import success_rate
from playground.models import RunnerLease


def live_of(test_id: UUID, *, now: datetime) -> dict[str, Any] | None:
    """The test's state, counts, money, remaining time (s), who works on it (`workers` of `workers_alive`), and the rate
    of its finished blocks; None where it is gone.

    Only blocks that are finished from the first on count: quick answers end sooner, and are no fair sample of all.
    """
    test = EvaluationTest.objects.filter(id=test_id).first()
    if test is None:
        return None
    rates = [_rate(name, cases, test.confidence) for name, cases in finished_prefix(test).items()]
    return {
        "id": test.id,
        "status": test.status,
        "control": test.control,
        "stop_reason": test.stop_reason or None,
        "progress": {**progress_json(test), "blocks_done": blocks_done(test)},
        "cost": cost_json(test),
        "seconds_left": _seconds_left(test, now),
        "workers": test.claims.count(),
        "workers_alive": RunnerLease.objects.workers().count(),
        "rates": rates,
        "batches": waited_for(test),
    }


def _rate(name: str, cases: Any, confidence: float) -> dict[str, Any]:
    figure = success_rate(pooled(cases), confidence=confidence)
    return {"variant": name, "cases": len(cases), **as_json(figure)}


def _seconds_left(test: EvaluationTest, now: datetime) -> float | None:
    """At the pace so far; None before anything has ended, and where nothing is under way."""
    if test.status != TestStatus.RUNNING or test.started_at is None or not test.done:
        return None
    return (now - test.started_at).total_seconds() / test.done * (test.samples - test.done)
