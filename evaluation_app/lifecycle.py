"""A test's states: every write of one stands here, as a conditional update whose row count decides."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from evaluation_app.errors import refused
from evaluation_app.models import Control, EvaluationTest, ProviderBatch, SampleState, TestStatus
from evaluation_app.models.test import TestQuerySet
from evaluation_app.running import moments, notifying, statements
from foundation.problems import not_found
from foundation.tasks import send_task

QUOTA: Final = "quota"
"""The reason of a rest."""
RUNNERS: Final = 2
"""Worker children that are rung for at a test."""
ANSWERED: Final = (SampleState.PASSED, SampleState.FAILED, SampleState.UNSCORED, SampleState.SCORER_ERROR)


def ring(test_id: UUID) -> None:
    """Has workers look at a test, once this change is there; who sweeps rings again."""

    def rung() -> None:
        for _ in range(RUNNERS):
            send_task("evaluation_app.tasks.run_test", test_id=str(test_id))

    transaction.on_commit(rung)


def start(test_id: UUID) -> bool:
    """pending → running, where fewer tests run than may; False where it has to wait, or has moved on."""
    with transaction.atomic(), connection.cursor() as cursor:
        # One at a time: two that count at once would both find the last place free.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('evaluation_tests_running'))")
        running = EvaluationTest.objects.in_place().count()
        if running >= settings.ENV.evaluation_max_concurrent_tests:
            return False
        rows = EvaluationTest.objects.waiting().filter(id=test_id)
        if not rows.update(status=TestStatus.RUNNING, started_at=Coalesce("started_at", Now())):
            return False
        moments.come("evaluation_started", test_id)
        return True


def pause(test: EvaluationTest) -> None:
    """Nothing new begins; what is under way is kept."""
    rows = EvaluationTest.objects.filter(id=test.id, control=Control.RUN)
    if rows.filter(status=TestStatus.PENDING).update(control=Control.PAUSE, status=TestStatus.PAUSED):
        return
    if not rows.running().update(control=Control.PAUSE):
        raise refused(test, "paused")


def rest_for_quota(test_id: UUID, *, tokens: int, cost: Decimal) -> None:
    """Nothing new begins until quotas have room again: for an execution that needs so much, in tokens and USD."""
    rows = EvaluationTest.objects.filter(id=test_id, control=Control.RUN).running()
    rows.update(control=Control.PAUSE, pause_reason=QUOTA, needed_tokens=tokens, needed_cost=cost)


def wake(test: EvaluationTest) -> bool:
    """Lets one go on that rests for a quota; False where it does not any more."""
    return _goes_on(EvaluationTest.objects.filter(id=test.id, control=Control.PAUSE, pause_reason=QUOTA), test)


def resume(test: EvaluationTest) -> None:
    """It goes on, when its turn comes."""
    if not _goes_on(EvaluationTest.objects.filter(id=test.id, control=Control.PAUSE), test):
        raise refused(test, "resumed")


@transaction.atomic
def _goes_on(rows: TestQuerySet, test: EvaluationTest) -> bool:
    wanted: dict[str, Any] = {"control": Control.RUN, "pause_reason": "", "needed_tokens": None, "needed_cost": None}
    moved = rows.filter(status=TestStatus.PAUSED).update(**wanted, status=TestStatus.PENDING)
    moved = moved or rows.running().update(**wanted)
    if moved:
        ring(test.id)
    return bool(moved)


def cancel(test: EvaluationTest) -> None:
    """It ends: connections of what is under way are closed, what was paid is kept."""
    with transaction.atomic():
        unfinished = (TestStatus.PENDING, TestStatus.RUNNING, TestStatus.PAUSED)
        rows = EvaluationTest.objects.filter(id=test.id, status__in=unfinished)
        # It runs while it ends: what has begun must be seen to its end.
        if not rows.update(control=Control.CANCEL, stop_reason="cancelled", status=TestStatus.RUNNING):
            raise refused(test, "cancelled")
        ProviderBatch.objects.open().filter(test_id=test.id).update(next_look=Now())
        ring(test.id)


def rest(test_id: UUID) -> bool:
    """running → paused, once nothing is under way."""
    rows = EvaluationTest.objects.filter(id=test_id, status=TestStatus.RUNNING, control=Control.PAUSE)
    return bool(rows.update(status=TestStatus.PAUSED))


def end(test_id: UUID, *, taken_up: int, to: TestStatus, results: dict[str, Any]) -> bool:
    """running → completed | cancelled | failed; False when something else had moved it first.

    `taken_up` as it was when its samples were seen to have ended: it may have been taken up again since, and run.
    """
    with transaction.atomic():
        rows = EvaluationTest.objects.filter(id=test_id, taken_up=taken_up).running()
        if not rows.update(status=to, results=results, completed_at=timezone.now()):
            return False
        moments.come("evaluation_ended", test_id)
        notifying.tell_ended(test_id)
        return True


def rerun_errors(test: EvaluationTest) -> int:
    """Has everything asked that has no answer yet; the number of samples."""
    return _reopen(test, states=(SampleState.ERRORED, SampleState.SKIPPED), is_answered=False)


def rescore(test: EvaluationTest) -> int:
    """Has every answer judged anew; the number of samples."""
    return _reopen(test, states=ANSWERED, is_answered=True)


def _reopen(test: EvaluationTest, *, states: tuple[SampleState, ...], is_answered: bool) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        locked = EvaluationTest.objects.select_for_update().get(id=test.id)
        # Asked anew: what was deleted while this waited for the row is not begun again.
        if not EvaluationTest.objects.alive().filter(id=test.id).exists():
            raise not_found("The test")
        if not TestStatus(locked.status).is_final:
            raise refused(test, "taken up again")
        names: dict[str, Any] = {
            "test": test.id,
            "states": [state.value for state in states],
            "is_answered": is_answered,
        }
        cursor.execute(statements.REOPEN, names)
        count = int(cursor.fetchone()[0])
        if count:
            EvaluationTest.objects.filter(id=test.id).update(
                status=TestStatus.PENDING,
                control=Control.RUN,
                stop_reason="",
                results=None,
                completed_at=None,
                done=F("done") - count,
                taken_up=F("taken_up") + 1,
            )
            ring(test.id)
    return count
