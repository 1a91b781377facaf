"""What becomes of tests whose workers died: their samples are to be had again, and somebody is rung for.

Done by Celery's clock and by the engine of every web process: no test stays `running` with nobody at work, beat or not.
"""

from __future__ import annotations

import time
from typing import Final

from django.conf import settings
from django.db import connection

from evaluation_app.economy import looking
from evaluation_app.lifecycle import RUNNERS
from evaluation_app.models import EvaluationTest, TestStatus
from evaluation_app.running import statements
from foundation.database.threads import in_database_thread
from foundation.tasks import send_task
from playground.engine.host import Companion, Engine

LOOK_EVERY: Final = 5.0
"""Seconds; a ring that was not heard by the next look but one is void."""


def sweep() -> None:
    """Gives back what dead workers held, and rings for every test that waits for somebody."""
    with connection.cursor() as cursor:
        cursor.execute(statements.DEAD_CLAIMS)
        for test_id, claim_id in cursor.fetchall():
            cursor.execute(statements.CLOSE_CLAIM, {"test": test_id, "claim": claim_id})
        cursor.execute(statements.DROP_DEAD_CLAIMS)
    looking.ring_for_due()
    for test in EvaluationTest.objects.filter(status=TestStatus.RUNNING, claims=None).only("id", "policy"):
        if not test.is_economy or not looking.only_waits(test.id):
            _ring(test)
    ring_for_waiting()


def ring_for_waiting() -> None:
    """Rings for tests that wait for their turn, as many as there is room for."""
    room = settings.ENV.evaluation_max_concurrent_tests - EvaluationTest.objects.in_place().count()
    for test in EvaluationTest.objects.waiting().only("id")[: max(0, room)]:
        _ring(test)


def _ring(test: EvaluationTest) -> None:
    for _ in range(RUNNERS):
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
