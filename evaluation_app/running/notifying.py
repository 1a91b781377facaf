"""What people are notified of a test: its end, that it is worse than its baseline, and that it is shared with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID, uuid5

from evaluation_app.models import EvaluationTest, RunStatus, SuiteRun, SuiteTest, TestStatus, Why
from events.models import Kind
from events.notifications.writing import notify

WORST: Final = ("failed", "not_judged", "passed")
"""What a test of several variants comes to: the worst of them."""


def tell_ended(test_id: UUID) -> None:
    """Its owner, in the transaction of its end; not of one that they have cancelled, nor of one that a suite waits for,
    which tells of all of its tests together.
    """
    if SuiteTest.objects.filter(test_id=test_id, run__status__in=(RunStatus.RUNNING, RunStatus.NOT_JUDGED)).exists():
        return
    test = EvaluationTest.objects.only("id", "user_id", "name", "status", "results").get(id=test_id)
    results = test.results or {}
    if test.status == TestStatus.COMPLETED:
        _tell(Kind.TEST_COMPLETED, test, **_rate_of(results))
        if (results.get("baseline") or {}).get("is_regression"):
            _tell(Kind.TEST_REGRESSED, test)
    elif test.status == TestStatus.FAILED:
        _tell(Kind.TEST_FAILED, test, status=test.status)


def _rate_of(results: Mapping[str, Any]) -> dict[str, Any]:
    """The rate with how many answers it is from, and how sure it is where that can be said."""
    figure = (results.get("figures") or {}).get("success_rate") or {}
    told = {"success_rate": results.get("success_rate")}
    if told["success_rate"] is None or not figure:
        return told
    ends = {end: (figure["interval"] or {}).get(end) for end in ("low", "high")}
    return {**told, "answers": figure["n"], "cases": figure["cases"], **ends}


def tell_suite_ended(run: SuiteRun) -> None:
    """Whose the suite is, and who had it run, in the transaction of the run's end; of one that was made to compare with
    nobody: it was asked for by nobody. The same outcome of a run is told once.
    """
    if run.why == Why.REFERENCE:
        return
    verdict = run.verdict or {}
    by_test: dict[str, set[str]] = {}
    for line in verdict.get("tests", ()):
        by_test.setdefault(line["test_id"], set()).add(line["status"])
    worst = Counter(next(word for word in WORST if word in words) for words in by_test.values())
    outcome = {
        "status": str(run.status),
        "is_regression": bool(verdict.get("is_regression")),
        **{word: worst[word] for word in WORST},
    }
    notify(
        Kind.SUITE_ENDED,
        people=[run.suite.user_id, run.asked_by_id],
        owner_id=run.suite.user_id,
        # Who asks for a move again has the run judged again, and each time it may end with the same.
        event_id=uuid5(run.id, repr(sorted(outcome.items()))),
        payload={"suite_id": str(run.suite_id), "run_id": str(run.id), **outcome},
        words={"name": run.suite.name},
    )


def tell_shared(test: EvaluationTest, *, by: UUID, people: Collection[UUID]) -> None:
    """Those with whom it was not shared before."""
    notify(
        Kind.SHARED,
        people=people,
        by=by,
        owner_id=test.user_id,
        payload={"thing": "test", "id": str(test.id)},
        words={"name": test.name},
    )


def _tell(kind: Kind, test: EvaluationTest, **figures: Any) -> None:
    notify(
        kind,
        people=[test.user_id],
        owner_id=test.user_id,
        payload={"test_id": str(test.id), **figures},
        words={"name": test.name},
    )
