"""What becomes of tests whose workers died: their samples are to be had again, and somebody is rung for.

Done by Celery's clock and by the engine of every web process: no test stays `running` with nobody at work, beat or not.
"""

from __future__ import annotations

import time
from typing import Final

from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.utils import timezone

from evaluation_app.economy import looking
from evaluation_app.lifecycle import RUNNERS
from evaluation_app.models import Control, EvaluationSample, EvaluationTest, SampleState
from evaluation_app.running import resting, statements
from foundation.database.threads import in_database_thread
from foundation.tasks import send_task
from playground.engine.host import Companion, Engine

LOOK_EVERY: Final = 5.0
"""Seconds; a ring that was not heard by the next look but one is void."""


def sweep() -> None:
    """Gives back what dead workers held, wakes who rests, and rings for every test that waits for somebody."""
    with connection.cursor() as cursor:
        cursor.execute(statements.DEAD_CLAIMS)
        for test_id, claim_id in cursor.fetchall():
            cursor.execute(statements.CLOSE_CLAIM, {"test": test_id, "claim": claim_id})
        cursor.execute(statements.DROP_DEAD_CLAIMS)
    looking.ring_for_due()
    resting.wake(now=timezone.now())
    running = EvaluationTest.objects.running().annotate(at_work=Count("claims")).filter(at_work__lt=RUNNERS)
    at_work = dict(running.values_list("id", "at_work"))
    for test in EvaluationTest.objects.filter(id__in=at_work).only("id", "policy", "control"):
        if _wants_more(test, at_work=at_work[test.id]):
            _ring(test, times=RUNNERS - at_work[test.id])
    ring_for_waiting()


def _wants_more(test: EvaluationTest, *, at_work: int) -> bool:
    """Whether a test has something for another runner. A child that died, or was rung for twice where two were to come,
    must not leave a test with half of its concurrency.
    """
    if not at_work:
        return not test.is_economy or not looking.only_waits(test.id)
    pending = EvaluationSample.objects.filter(test_id=test.id, state=SampleState.PENDING)
    return not test.is_economy and test.control == Control.RUN and pending.exists()


def ring_for_waiting() -> None:
    """Rings for tests that wait for their turn, as many as there is room for."""
    room = settings.ENV.evaluation_max_concurrent_tests - EvaluationTest.objects.in_place().count()
    for test in EvaluationTest.objects.waiting().only("id")[: max(0, room)]:
        _ring(test, times=RUNNERS)


def _ring(test: EvaluationTest, *, times: int) -> None:
    for _ in range(times):
        send_task("evaluation_app.tasks.run_test", expires=2 * LOOK_EVERY, test_id=str(test.id))


class Sweeping(Companion):
    """Sweeps beside the engine of a process."""

    def __init__(self, engine: Engine) -> None:
        self._looked = 0.0

    async def look(self) -> None:
        """Sweeps every few seconds."""
        if time.monotonic() - self._looked >= LOOK_EVERY:
            self._looked = time.monotonic()
            await in_database_thread(sweep)
