"""What people are notified of a test: its end, that it is worse than its baseline, and that it is shared with them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from evaluation_app.models import EvaluationTest, TestStatus
from events.models import Kind
from events.notifications.writing import notify


def tell_ended(test_id: UUID) -> None:
    """Its owner, in the transaction of its end; not of one that they have cancelled."""
    test = EvaluationTest.objects.only("id", "user_id", "name", "status", "results").get(id=test_id)
    results = test.results or {}
    if test.status == TestStatus.COMPLETED:
        _tell(Kind.TEST_COMPLETED, test, success_rate=results.get("success_rate"))
        if (results.get("baseline") or {}).get("is_regression"):
            _tell(Kind.TEST_REGRESSED, test)
    elif test.status == TestStatus.FAILED:
        _tell(Kind.TEST_FAILED, test, status=test.status)


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
