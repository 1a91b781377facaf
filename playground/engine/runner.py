"""The runner of a web process: runs live here, not in their requests, and end whether or not anybody reads."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Coroutine
from typing import Any, Final, NamedTuple
from uuid import UUID

import psycopg
from django import db as database
from redis.exceptions import RedisError

from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from foundation.rest.rendering import dumps
from foundation.traces.context import begin_span
from playground.engine import measuring, rounds, spans
from playground.engine.attempts import Attempts, Target
from playground.engine.cache import ExecutionCache, is_wanted, key_for
from playground.engine.lifecycle import Ending
from playground.engine.run import Run
from playground.engine.store import Store
from playground.models import PromptExecution, Status
from playground.representation import execution_json
from playground.stream.tails import Tails
from providers.base import Usage
from providers.catalogue import catalogue as catalogue_rows
from providers.catalogue.catalogue import Catalogue
from providers.catalogue.info import ModelInfo
from providers.errors import SENTENCE, Code, ProviderFailure

logger = logging.getLogger(__name__)

DEFAULT_TIMEOUT: Final = 300.0
STORE_PATIENCE: Final = 600.0
"""Seconds that an answer is held for a PostgreSQL that is away."""
CALLER_PATIENCE: Final = 20.0
"""Seconds that a waiting caller is held for it; the answer is stored later all the same."""
ROW_TRIES: Final = 10
"""Times that a row which somebody else has ended is read, a second apart."""


OUR_MISTAKE: Final = "The service made a mistake; it is logged."
TRY_AGAIN_AFTER: Final = "Try again after"


class Verdict(NamedTuple):
    """How a run's search for an answer ended."""

    status: Status
    code: Code | None = None
    detail: str = ""


class Runner:
    """Starts runs, keeps them by id, stops them."""

    def __init__(self, *, store: Store, tails: Tails, cache: ExecutionCache, catalogue: Catalogue) -> None:
        self.id = uuid.uuid4()
        self.is_draining = False
        self._store = store
        self._tails = tails
        self._cache = cache
        self._catalogue = catalogue
        self._runs: dict[UUID, Run] = {}
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._answers: dict[UUID, asyncio.Task[None]] = {}
        self._aside: set[asyncio.Task[None]] = set()

    def launch(self, run: Run, targets: list[Target]) -> None:
        """Starts a run whose row stands."""
        self._runs[run.id] = run
        task = asyncio.create_task(self._execute(run, targets))
        self._tasks[run.id] = task
        task.add_done_callback(lambda _: self._forget(run))

    def _forget(self, run: Run) -> None:
        self._runs.pop(run.id, None)
        self._tasks.pop(run.id, None)
        tail = run.outlet.tail
        tail.is_local = False
        tail.is_ended = True
        tail.wake()
        self._tails.release(tail)

    def run_of(self, execution_id: UUID) -> Run | None:
        """The run, when it runs here."""
        return self._runs.get(execution_id)

    def knows(self, execution_id: UUID) -> bool:
        """Whether the run lives here."""
        return execution_id in self._runs

    def cancel(self, execution_id: UUID) -> None:
        """Stops a run that runs here: its provider's connection is closed, what came is kept."""
        run, answer = self._runs.get(execution_id), self._answers.get(execution_id)
        if run is not None:
            run.is_cancelled = True
        if answer is not None:
            answer.cancel()

    async def _execute(self, run: Run, targets: list[Target]) -> None:
        began, span = time.time_ns(), begin_span()
        verdict = await self._verdict(run, targets)
        try:
            await self._end(run, verdict)
        except Exception as error:
            # The row is left to the reaper, which has the log.
            logger.exception("end_not_stored", extra={"execution_id": str(run.id)})
            run.give_up_storing(error if isinstance(error, Problem) else _not_stored_yet(run.id))
            return
        spans.tell(run, span, began=began)
        if verdict.status == Status.COMPLETED and not run.record.metadata.get("cached"):
            self._afterwards(run)

    async def _verdict(self, run: Run, targets: list[Target]) -> Verdict:
        answer = asyncio.create_task(self._answer(run, targets))
        self._answers[run.id] = answer
        if run.is_cancelled:
            answer.cancel()
        try:
            await answer
        except ProviderFailure as failure:
            if failure.retry_at is not None:
                run.record.metadata["retry_at"] = failure.retry_at.isoformat(timespec="seconds")
            return Verdict(Status.FAILED, failure.code, _explained(failure))
        except asyncio.CancelledError:
            if run.is_cancelled:
                return Verdict(Status.CANCELLED)
            return Verdict(Status.FAILED, Code.INTERRUPTED, SENTENCE[Code.INTERRUPTED])
        except Exception:
            logger.exception("run_broke", extra={"execution_id": str(run.id)})
            return Verdict(Status.FAILED, Code.PROVIDER_ERROR, OUR_MISTAKE)
        finally:
            self._answers.pop(run.id, None)
        return Verdict(Status.COMPLETED)

    async def _answer(self, run: Run, targets: list[Target]) -> None:
        if (key := _cache_key(run)) and await self._from_cache(run, key):
            return
        seconds = float(run.record.parameters.get("timeout") or DEFAULT_TIMEOUT)
        deadline = time.monotonic() + seconds
        attempts = Attempts(run, deadline=deadline, store=self._store, priced=self.priced)
        try:
            async with asyncio.timeout(seconds):
                await rounds.answered(run, attempts, targets, deadline=deadline)
        except TimeoutError:
            raise ProviderFailure(Code.TIMEOUT_TOTAL) from None

    async def _from_cache(self, run: Run, key: str) -> bool:
        try:
            kept = await self._cache.get(key)
        except RedisError:
            return False
        if kept is None:
            return False
        usage = Usage(kept["prompt_tokens"], kept["completion_tokens"], **kept.get("details", {}))
        run.take_cached(kept["answer"], usage, kept["finish_reason"])
        return True

    async def _end(self, run: Run, verdict: Verdict) -> None:
        run.end(verdict.status, code=verdict.code or "", message=verdict.detail, model=self.priced(run))
        run.outlet.outcome = run.outcome()
        await run.outlet.settled()
        ending = run.ending(run.outlet.sequence + 1)
        is_ours = await self._stored(run, ending)
        if is_ours:
            measuring.count(ending, origin=run.origin, is_known=self._catalogue.has(run.record.model_id))
        else:
            # The reaper took this process for dead and was first: its word stands.
            run.record = await self._as_stored(run.id)
        told = dumps(execution_json(run.record))
        if not run.stored.done():
            run.stored.set_result(told)
        if is_ours:
            run.outlet.say(verdict.status.value, told)
        await run.outlet.settled()

    def priced(self, run: Run) -> ModelInfo:
        """The model that is paid for: the one that answered, when the provider names another and its price is known."""
        model, answered = run.tally.model or run.model, run.finish.model if run.finish else None
        if not answered or answered == model.id.partition("/")[2]:
            return model
        run.record.metadata["answered_model"] = answered
        other = self._catalogue.named(f"{model.provider}/{answered}", like=model)
        return other if other and other.price_known else model

    async def _stored(self, run: Run, ending: Ending) -> bool:
        give_up, pause = time.monotonic() + STORE_PATIENCE, 0.1
        while True:
            try:
                return await self._store.end(ending)
            except psycopg.OperationalError as error:
                logger.warning("storing_again", extra={"execution_id": str(run.id), "reason": type(error).__name__})
                if time.monotonic() > give_up - STORE_PATIENCE + CALLER_PATIENCE:
                    run.give_up_storing(_not_stored_yet(run.id))
                if time.monotonic() > give_up:
                    raise
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)

    async def _as_stored(self, execution_id: UUID) -> PromptExecution:
        for _ in range(ROW_TRIES):
            try:
                return await in_database_thread(PromptExecution.objects.get, id=execution_id)
            except database.OperationalError:
                await asyncio.sleep(1.0)
        return await in_database_thread(PromptExecution.objects.get, id=execution_id)

    def _afterwards(self, run: Run) -> None:
        if run.is_whole and (key := _cache_key(run)):
            self._set_aside(self._keep(key, run))
        if self._catalogue.is_news(run.model.id):
            self._set_aside(in_database_thread(catalogue_rows.note_use, run.model.id))

    def _set_aside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)

    async def _keep(self, key: str, run: Run) -> None:
        try:
            await self._cache.put(key, run.record)
        except RedisError:
            logger.warning("not_cached", extra={"execution_id": str(run.id)})

    async def drain(self, seconds: float) -> None:
        """Takes no new runs; gives those in flight `seconds` to end, then ends them as interrupted."""
        self.is_draining = True
        tasks = list(self._tasks.values())
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
        for answer in list(self._answers.values()):
            answer.cancel()
        if left := [*self._tasks.values(), *self._aside]:
            await asyncio.wait(left, timeout=2.0)


def _cache_key(run: Run) -> str | None:
    """By the model that is asked now: a fallback's answer is its own, and never that of the model it stood in for.

    A sample of an evaluation is a run of its own, whatever it asks for: an answer given twice is no second sample.
    What tools tell changes.
    """
    record = run.record
    if run.origin.is_batch or run.tools or not is_wanted(record.parameters):
        return None
    rules = run.masking.fingerprint if run.masking else ""
    return key_for(record.user_id, record.model_id, run.messages, record.parameters, record.request.get("tools"), rules)


def _not_stored_yet(execution_id: UUID) -> Problem:
    detail = f"{SENTENCE[Code.STORAGE_UNAVAILABLE]} It is kept, and stored when the database is back."
    code = Code.STORAGE_UNAVAILABLE.value
    return Problem(503, code, detail, headers={"Retry-After": "10"}, execution_id=execution_id)


def _explained(failure: ProviderFailure) -> str:
    text = str(failure)
    if failure.retry_at is not None:
        text += f" {TRY_AGAIN_AFTER} {failure.retry_at:%H:%M:%S} UTC."
    return text
