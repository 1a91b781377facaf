"""One process's share of a test: claims samples, has them asked and scored, and writes their ends.

Slow answers stall nobody: as many samples are under way as the test's concurrency lets, and each that ends makes room
for the next. All that is decided here is decided by statements whose rows tell what happened (`statements`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Final
from uuid import uuid4

import psycopg
from django.db import OperationalError

from evaluation_app import lifecycle
from evaluation_app.models import Control, SampleState
from evaluation_app.running.answering import RETRY_AFTER, Answering, AskedInVain, Unbegun, broken
from evaluation_app.running.asking import execution_id_of
from evaluation_app.running.calls import Calls
from evaluation_app.running.early_stop import EarlyStop
from evaluation_app.running.judges import Judges
from evaluation_app.running.material import Material
from evaluation_app.running.scoring import scored
from evaluation_app.running.stopping import is_stopping
from evaluation_app.running.store import Claimed, Ended, SampleStore, Wanted
from evaluation_app.scorers.outside.desk import Away, PutOff
from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from playground.engine.host import Engine

logger = logging.getLogger(__name__)

LOOK_EVERY: Final = 0.4
"""Seconds: a pause or a cancel counts within one."""
MOST_ATTEMPTS: Final = 2
ONLY_ERRORS: Final = 20
"""So many ends, and none with an answer: the test stops by itself."""
DRAIN: Final = 20.0
"""Seconds that answers under way have when their worker stops; later ones are found by who takes their samples up."""
LATE_LOOKS: Final = 5
"""So often may the database be late for one sample; what is late for ever must not keep a test going for ever."""
AWAY: Final = (psycopg.OperationalError, OperationalError, Away)
"""What a database that is late or away makes of a look."""


class TestRunner:
    """Works on one test until nothing is left for it to begin."""

    def __init__(self, engine: Engine, material: Material, *, concurrency: int) -> None:
        self._material = material
        self._store = SampleStore(material.test.id, uuid4(), only_begun=material.test.is_economy)
        self._engine = engine
        self._concurrency = concurrency
        self._calls = Calls(engine)
        self._answering = Answering(self._calls, material, self._store)
        self._judges = Judges(material, self._store, self._calls, is_paused=self._is_paused)
        self._tasks: dict[asyncio.Task[bool], Claimed] = {}
        self._early = EarlyStop(material.test, self._store.claim_id) if material.test.stops_early else None
        self._wanted: Wanted | None = None
        self._too_dear: Decimal | None = None
        """USD of the dearest sample whose beginning the ceiling refused; None where there may be enough."""
        self._has_lost = False
        """Whether this claim may hold samples that no task here sees to: they are free again with its end only, and
        others may wait for them. So it begins nothing more, and ends."""

    async def run(self) -> bool:
        """Until the test has nothing more for this process; False where it may have something for another runner, since
        this one held samples that nobody saw to. Raises psycopg.Error.
        """
        if not await self._store.open(self._engine.runner.id):
            await self._store.close()
            return True
        try:
            await self._work()
        finally:
            await self._leave()
        return not self._has_lost or self._must_leave

    async def _work(self) -> None:
        looking = asyncio.create_task(self._look())
        try:
            while not self._must_leave:
                if not await self._begin_more() and not self._tasks:
                    if self._too_dear is None or self._has_lost:
                        return
                    await self._store.stop_spent(self._too_dear)
                    self._too_dear = None
                await self._wait()
            await self._drain()
        finally:
            looking.cancel()

    async def _begin_more(self) -> bool:
        """Claims what there is room for; False where there was room and nothing to claim."""
        room = self._concurrency - len(self._tasks)
        if self._has_lost or self._too_dear is not None or room < max(1, self._concurrency // 8):
            return bool(self._tasks)
        try:
            claimed = await self._store.claim(room)
            await self._material.have(sample.case_id for sample in claimed)
        except AWAY:
            self._has_lost = True
            return bool(self._tasks)
        for sample in claimed:
            task = asyncio.create_task(self._see_to(sample))
            self._tasks[task] = sample
            task.add_done_callback(self._ended)
        return bool(claimed)

    async def _wait(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LOOK_EVERY, return_when=asyncio.FIRST_COMPLETED)
        else:
            await asyncio.sleep(LOOK_EVERY)

    def _ended(self, task: asyncio.Task[bool]) -> None:
        self._tasks.pop(task, None)
        if task.cancelled():
            return
        if error := task.exception():
            self._has_lost = True
            logger.error("sample_left", exc_info=error)
        elif task.result():
            # What was set aside for it is free: there may be enough for the next.
            self._too_dear = None

    async def _see_to(self, sample: Claimed) -> bool:
        """A sample from its claim to its end, or back to where others find it; whether it was begun."""
        try:
            ended = await self._end_in_time(sample)
            if ended is not None:
                await self._patiently(partial(self._store.end, ended))
        except Unbegun as unbegun:
            await self._patiently(lambda: self._store.give_back([sample.id]))
            if unbegun.too_dear is not None:
                self._too_dear = max(self._too_dear or unbegun.too_dear, unbegun.too_dear)
            if (refused := unbegun.over_quota) is not None:
                rest = partial(lifecycle.rest_for_quota, tokens=refused.reserved_tokens, cost=refused.reserved_cost)
                await self._patiently(partial(in_database_thread, rest, self._material.test.id))
            await asyncio.sleep(unbegun.after)
            return False
        except PutOff as put_off:
            await self._patiently(lambda: self._store.put_off(sample.id))
            await asyncio.sleep(put_off.seconds)
            return False
        except Exception as fault:
            if isinstance(fault, AWAY) and self._must_leave:
                raise
            # Given back, it would come to the same again: a test must not go on for ever for a fault of ours.
            logger.exception("sample_broken", extra={"sample_id": str(sample.id)})
            await self._patiently(lambda: self._break(sample))
        return True

    async def _break(self, sample: Claimed) -> None:
        await self._store.end(await broken(sample))

    async def _patiently(self, store: Callable[[], Awaitable[object]]) -> None:
        """Does it once the database is there. What no process could store is found by whoever takes the sample up."""
        while True:
            try:
                await store()
                return
            except AWAY:
                if self._must_leave:
                    raise
                await asyncio.sleep(RETRY_AFTER)

    async def _end_in_time(self, sample: Claimed) -> Ended | None:
        """Its end, tried anew where the database was late: what was begun is found again, and nothing paid twice."""
        late = 0
        while True:
            try:
                return await self._end_of(sample)
            except AWAY:
                late += 1
                if self._must_leave or late == LATE_LOOKS:
                    raise
            sample = replace(sample, execution_id=execution_id_of(sample.id, sample.attempt))
            await asyncio.sleep(RETRY_AFTER)
            # However long it is away, that is late once.
            await self._patiently(self._store.wanted)

    async def _end_of(self, sample: Claimed) -> Ended | None:
        try:
            answer = await self._answering.answer(sample, is_stopping=self._is_over)
        except AskedInVain as vain:
            if sample.attempt < MOST_ATTEMPTS and not self._is_over():
                await self._store.again(sample.id, vain.ended.cost)
                return None
            return vain.ended
        except Problem as problem:
            sentence = "; ".join(f"{error['field']}: {error['message']}" for error in problem.errors) or problem.detail
            ended_at = datetime.now(UTC)
            return Ended(sample.id, SampleState.ERRORED, ended_at, error_code=problem.code, error_message=sentence)
        if isinstance(answer, Ended):
            return answer
        return await scored(sample, answer, self._material.case(sample.case_id), self._judges)

    @property
    def _must_leave(self) -> bool:
        """Whether this process stops."""
        return is_stopping() or self._engine.runner.is_draining

    def _is_over(self) -> bool:
        """Whether nothing new may begin in this test."""
        wanted = self._wanted
        return wanted is not None and (wanted.control == Control.CANCEL or bool(wanted.stop_reason))

    def _is_paused(self) -> bool:
        """Whether nothing new may begin now."""
        wanted = self._wanted
        return is_stopping() or (wanted is not None and wanted.control == Control.PAUSE)

    async def _look(self) -> None:
        """Looks at what is wanted, and stops what is not; ends a test that gets no answer at all, or has shown it."""
        while True:
            with suppress(psycopg.OperationalError):
                self._wanted = wanted = await self._store.wanted()
                self._answering.has_answers |= wanted.done > wanted.errors
                if wanted.control == Control.CANCEL:
                    self._calls.stop_all()
                stops = self._material.test.policy.get("error_policy", "stop") == "stop"
                if stops and wanted.done >= ONLY_ERRORS and wanted.errors == wanted.done:
                    await self._store.stop("only_errors")
                if not wanted.stop_reason and await self._is_shown():
                    await self._store.stop("early_stop")
            await asyncio.sleep(LOOK_EVERY)

    async def _is_shown(self) -> bool:
        """Whether the test was to end once its difference is shown, and it is."""
        if self._early is None:
            return False
        try:
            return await in_database_thread(self._early.look)
        except OperationalError:
            # Its thread may go on for a while: what was half seen is seen anew by another.
            self._early = EarlyStop(self._material.test, self._store.claim_id)
            return False

    async def _drain(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=DRAIN)

    async def _leave(self) -> None:
        """Gives back what is left. Also when it is cancelled: nobody else knows of this claim's end."""
        for task in list(self._tasks):
            task.cancel()
        leaving = asyncio.create_task(self._close())
        try:
            await asyncio.shield(leaving)
        except asyncio.CancelledError:
            await leaving
            raise

    async def _close(self) -> None:
        """While this claim stands and its engine lives, nobody else takes up what it holds."""
        try:
            await self._patiently(self._store.give_up)
        finally:
            await self._store.close()
