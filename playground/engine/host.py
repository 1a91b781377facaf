"""The engine of one process: its parts put together once, started with the first use or the server's start."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final, Protocol, TypeVar

import psycopg
from django.conf import settings
from django.db import DatabaseError
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.asyncio import Redis
from redis.exceptions import RedisError

from foundation.database.threads import in_database_thread
from playground.engine.cache import ExecutionCache
from playground.engine.runner import Runner
from playground.engine.store import Store
from playground.models import PromptExecution
from playground.stream.log import StreamLog
from playground.stream.publisher import Publisher
from playground.stream.readers import Readers
from playground.stream.tails import Tails
from providers.catalogue.catalogue import Catalogue
from providers.line.health import report_health
from providers.line.line import Lines
from providers.registry import Registry

logger = logging.getLogger(__name__)

LOOK_FOR_CANCELS_EVERY: Final = 0.5
RENEW_EVERY: Final = 5.0
LEASE: Final = 20.0
"""Seconds; an execution of a process that died is ended after this and one round of the reaper."""
DRAIN: Final = 3.0


class Companion(Protocol):
    """What a process wants to have beside its engine; it starts and ends with it."""

    def run_changed(self, execution: PromptExecution) -> None:
        """A run has begun, or its end is stored."""

    async def look(self) -> None:
        """Called twice a second."""

    async def stop(self) -> None:
        """Called when no more runs go on."""


_wanted: list[Callable[[Redis], Companion]] = []
Wanted = TypeVar("Wanted", bound=Companion)


def accompany(companion: Callable[[Redis], Companion]) -> None:
    """Has each engine of this process get such a companion; to be said before its start."""
    if companion not in _wanted:
        _wanted.append(companion)


class Engine:
    """Everything that runs and streams executions in this process."""

    def __init__(self) -> None:
        self.redis = Redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=2)
        self.registry = Registry()
        self.catalogue = Catalogue()
        self.tails = Tails()
        self.log = StreamLog(self.redis)
        self.publisher = Publisher(self.log)
        self.store = Store()
        self.readers = Readers(tails=self.tails, log=self.log)
        self.cache = ExecutionCache(self.redis)
        storage = RedisStorage(
            "async+" + settings.REDIS_URL.replace("unix://", "redis+unix://", 1),
            implementation="redispy",
            connection_pool=self.redis.connection_pool,  # type: ignore[arg-type]
        )
        self.lines = Lines(self.registry, MovingWindowRateLimiter(storage))
        self.runner = Runner(store=self.store, tails=self.tails, cache=self.cache, catalogue=self.catalogue)
        self.companions = [make(self.redis) for make in _wanted]
        self._reloading = asyncio.Lock()
        self._reload_began = 0.0
        self._pulse: asyncio.Task[None] | None = None

    def companion(self, kind: type[Wanted]) -> Wanted:
        """The companion of that class; LookupError where the process has none."""
        for each in self.companions:
            if isinstance(each, kind):
                return each
        raise LookupError(f"this process has no {kind.__name__}")

    async def start(self) -> None:
        """Reads what the engine must know, takes the lease, and begins its pulse."""
        await self._reload()
        await self.store.renew_lease(self.runner.id, LEASE)
        self._pulse = asyncio.create_task(self._beat())

    async def reload_soon(self) -> None:
        """Rereads providers and models; callers that come while that is under way share the next time."""
        called = time.monotonic()
        async with self._reloading:
            if self._reload_began < called:
                await self._reload()

    async def _reload(self) -> None:
        began = time.monotonic()
        rows = await in_database_thread(self.registry.read)
        # Models first: the first run on a new provider must find its window and price.
        await in_database_thread(self.catalogue.load, self.registry.entries(rows))
        self.registry.take(rows)
        # Only now: who waited relies on it, and a caller that leaves takes its reading along.
        self._reload_began = began

    async def _beat(self) -> None:
        """Looks for cancels and onlookers twice a second; every few seconds renews the lease and rereads settings."""
        renewed = time.monotonic()
        while True:
            await asyncio.sleep(LOOK_FOR_CANCELS_EVERY)
            try:
                for execution_id in await self.store.cancels_for(self.runner.id):
                    self.runner.cancel(execution_id)
                for companion in self.companions:
                    await companion.look()
                if time.monotonic() >= renewed + RENEW_EVERY:
                    await self._renew()
                    renewed = time.monotonic()
            except (psycopg.Error, DatabaseError, RedisError, OSError) as error:
                logger.warning("pulse_missed", extra={"reason": type(error).__name__})

    async def _renew(self) -> None:
        await self.store.renew_lease(self.runner.id, LEASE)
        unfinished = await self.store.unfinished_of(self.runner.id)
        if lost := [execution_id for execution_id in unfinished if not self.runner.knows(execution_id)]:
            await self.store.disown(lost)
        await self.reload_soon()
        await report_health(self.redis, str(self.runner.id), self.lines.open_lines())

    async def stop(self) -> None:
        """Lets runs in flight end, then closes everything."""
        await self.runner.drain(DRAIN)
        if self._pulse is not None:
            self._pulse.cancel()
        await self.readers.stop()
        for companion in self.companions:
            await companion.stop()
        await self.registry.close()
        await self.store.close()
        await self.redis.aclose()


_engines: dict[asyncio.AbstractEventLoop, asyncio.Task[Engine]] = {}


async def _started() -> Engine:
    engine = Engine()
    await engine.start()
    return engine


async def engine() -> Engine:
    """This process's engine; started by the first caller, and again when that start failed."""
    loop = asyncio.get_running_loop()
    starting = _engines.get(loop)
    if starting is None or (starting.done() and (starting.cancelled() or starting.exception())):
        starting = _engines[loop] = asyncio.create_task(_started())
    return starting.result() if starting.done() else await asyncio.shield(starting)


async def stop() -> None:
    """Stops this process's engine, when it was started."""
    starting = _engines.pop(asyncio.get_running_loop(), None)
    if starting is not None:
        await (await starting).stop()
