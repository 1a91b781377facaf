"""The engine of one process: its parts put together once, started with the first use or the server's start.

A web process has it in its own event loop, a worker in a thread (`thread`); there is one a loop. What only pages and
sockets need, such as readers of streams, are companions that the web process asks for.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

import psycopg
from django.conf import settings
from redis.exceptions import RedisError

from foundation.cache.client import client_of
from foundation.database.threads import in_database_thread
from foundation.metrics.vital_signs import VitalSigns
from foundation.traces import export
from playground.engine.cache import ExecutionCache
from playground.engine.endings import Endings
from playground.engine.pulse import Pulse
from playground.engine.runner import Runner
from playground.engine.store import Store
from playground.models import PromptExecution
from playground.stream.log import StreamLog
from playground.stream.publisher import Publisher
from playground.stream.tails import Tails
from providers.catalogue.catalogue import Catalogue
from providers.line.health import report_health
from providers.line.line import Lines
from providers.registry import Registry
from quotas.ledger.defaults import keep_in_step

logger = logging.getLogger(__name__)

LOOK_EVERY = 0.5
HOLD_EVERY = 2.0
RENEW_EVERY = 5.0


class Role(StrEnum):
    """What kind of process an engine serves; `settings.ENGINE` says how long each lives on after a sign of life
    (`lease`: its runs are ended by the reaper after that) and what its runs get to end in at a stop (`drain`)."""

    WEB = "web"
    WORKER = "worker"


class Companion:
    """What a process wants to have beside its engine; it starts and ends with it."""

    def run_changed(self, execution: PromptExecution) -> None:
        """A run has begun, or its end is stored."""

    async def look(self) -> None:
        """Called twice a second."""

    async def stop(self) -> None:
        """Called when no more runs go on."""


_wanted: dict[Role, list[Callable[[Engine], Companion]]] = {role: [] for role in Role}
Wanted = TypeVar("Wanted", bound=Companion)


def accompany(role: Role, companion: Callable[[Engine], Companion]) -> None:
    """Has each engine of this role in this process get such a companion; to be said before its start."""
    if companion not in _wanted[role]:
        _wanted[role].append(companion)


class Engine:
    """Everything that runs executions in this process."""

    def __init__(self, role: Role = Role.WEB) -> None:
        self.role = role
        self.redis = client_of(settings.REDIS_URL, seconds=5, seconds_to_connect=2)
        self.registry = Registry()
        self.catalogue = Catalogue()
        self.tails = Tails()
        self.log = StreamLog(self.redis)
        self.publisher = Publisher(self.log)
        self.store = Store()
        self.endings = Endings(self.store)
        self.cache = ExecutionCache(self.redis)
        self.lines = Lines(self.registry, self.redis)
        self.runner = Runner(store=self.store, tails=self.tails, cache=self.cache, catalogue=self.catalogue)
        self.pulse = Pulse()
        self.companions = [make(self) for make in _wanted[role]]
        self._lease, self._drain = settings.ENGINE[role]["lease"], settings.ENGINE[role]["drain"]
        self._reloading = asyncio.Lock()
        self._reload_began = 0.0

    def companion(self, kind: type[Wanted]) -> Wanted:
        """The companion of that class; LookupError where the process has none."""
        for each in self.companions:
            if isinstance(each, kind):
                return each
        raise LookupError(f"this process has no {kind.__name__}")

    async def start(self) -> None:
        """Reads what the engine must know, takes the lease, and begins its pulse."""
        await self._reload()
        if self.role is Role.WEB:
            await in_database_thread(keep_in_step, settings.QUOTA_DEFAULTS)
        await self._renew()
        self.pulse.add("lease", self._renew, every=RENEW_EVERY)
        self.pulse.add("cancels", self._look_for_cancels, every=LOOK_EVERY)
        self.pulse.add("breakers", self.lines.breakers.look, every=LOOK_EVERY)
        self.pulse.add("places", self.lines.hold, every=HOLD_EVERY)
        self.pulse.add("unfinished", self._disown_what_nobody_runs, every=RENEW_EVERY)
        self.pulse.add("providers", self.reload_soon, every=RENEW_EVERY)
        self.pulse.add("health", self._report_health, every=RENEW_EVERY)
        self.pulse.add("vital_signs", VitalSigns(every=LOOK_EVERY).look, every=LOOK_EVERY)
        for companion in self.companions:
            self.pulse.add(type(companion).__name__, companion.look, every=LOOK_EVERY)
        self.pulse.start()

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
        self.lines.follow()
        # Only now: who waited relies on it, and a caller that leaves takes its reading along.
        self._reload_began = began

    async def _renew(self) -> None:
        await self.store.renew_lease(self.runner.id, self._lease, role=self.role)
        alive = await self.store.live_runners()
        if self.runner.id in alive:
            share = self.lines.share
            share.position, share.processes = alive.index(self.runner.id), len(alive)

    async def _look_for_cancels(self) -> None:
        for execution_id in await self.store.cancels_for(self.runner.id):
            self.runner.cancel(execution_id)

    async def _disown_what_nobody_runs(self) -> None:
        unfinished = await self.store.unfinished_of(self.runner.id)
        if lost := [execution_id for execution_id in unfinished if not self.runner.knows(execution_id)]:
            await self.store.disown(lost)

    async def _report_health(self) -> None:
        await report_health(self.redis, str(self.runner.id), self.lines.open_lines())

    async def stop(self) -> None:
        """Lets runs in flight end, then closes everything; the lease ends, so that the reaper has what is left."""
        await self.runner.drain(self._drain)
        await self.pulse.stop()
        await self.endings.stop()
        for companion in self.companions:
            await companion.stop()
        try:
            await self.lines.emptied()
            await self.store.end_lease(self.runner.id)
        except (psycopg.Error, RedisError, OSError) as error:
            logger.warning("lease_left", extra={"reason": type(error).__name__})
        await self.tails.stop()
        await self.registry.close()
        await self.store.close()
        await self.redis.aclose()
        await export.stop()


_engines: dict[asyncio.AbstractEventLoop, asyncio.Task[Engine]] = {}


async def _started(role: Role) -> Engine:
    engine = Engine(role)
    try:
        await engine.start()
    except BaseException:
        await engine.stop()
        raise
    return engine


async def engine(role: Role = Role.WEB) -> Engine:
    """This loop's engine; started by the first caller in its role, and again when that start failed."""
    loop = asyncio.get_running_loop()
    starting = _engines.get(loop)
    if starting is None or (starting.done() and (starting.cancelled() or starting.exception())):
        starting = _engines[loop] = asyncio.create_task(_started(role))
    return starting.result() if starting.done() else await asyncio.shield(starting)


async def stop() -> None:
    """Stops this loop's engine, when it was started."""
    starting = _engines.pop(asyncio.get_running_loop(), None)
    if starting is not None:
        await (await starting).stop()
