"""The gate before a provider: how many calls at once, how many a minute, and the queue of those who wait.

The limits hold for all processes together (`shared`). People go before batches: these leave a fifth of the places
free. A run that finds the queue full fails at once. While Redis is away each process keeps to its share of the limits.
A gate outlives a change of its limits: who waits, and who has passed, counts under the new ones.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

from redis.exceptions import RedisError

from foundation.metrics.families import CALLS_IN_FLIGHT, CALLS_WAITING
from foundation.metrics.labels import MOST_PROVIDERS, Names
from providers.errors import Code, ProviderFailure
from providers.line.breaker import Breakers
from providers.line.shared import Limits, Shared

_names = Names(MOST_PROVIDERS)
logger = logging.getLogger(__name__)

LONGEST_QUEUE: Final = 1_000
LEASE: Final = 20.0
"""Seconds after which the places of a process that died are free."""
ASK_AGAIN: Final = 0.25
"""Seconds; places that other processes give back are not announced."""
REDIS_REST: Final = 1.0
TELL_EVERY: Final = 1.0
"""Seconds between two looks at who stands where."""

Told = Callable[[int, int], None]
"""Hears from time to time which place a waiting call has, and of how many."""


@dataclass(slots=True)
class Share:
    """Which of how many living processes this one is."""

    position: int = 0
    processes: int = 1

    def of(self, limit: int) -> int:
        """This process's part of a whole; all parts together are the whole."""
        return limit // self.processes + (self.position < limit % self.processes)


class Gate:
    """The gate of one provider in one process."""

    def __init__(self, slug: str, limits: Limits, *, shared: Shared, breakers: Breakers, share: Share) -> None:
        self._slug = slug
        self._limits = limits
        self._shared = shared
        self._breakers = breakers
        self._share = share
        self._queue = 0
        self._in_flight = CALLS_IN_FLIGHT.labels(_names.of(slug))
        self._waiting = CALLS_WAITING.labels(_names.of(slug))
        self._standing: dict[str, Told] = {}
        """Those who want to hear their place in the queue, in their order: people's calls, which go before batches'."""
        self._teller: asyncio.Task[None] | None = None
        self._turns = {False: asyncio.Lock(), True: asyncio.Lock()}
        self._held: dict[str, bool] = {}
        """Calls under way by member, also where nothing limits them yet; whether it is a batch's."""
        self._untold: set[str] = set()
        """Those that Redis was not told of."""
        self._freed = asyncio.Event()
        self._leaving: set[asyncio.Task[None]] = set()
        self._minute: deque[tuple[float, int]] = deque()
        """What was let through without Redis: when, and its tokens."""
        self._redis_rests_until = 0.0

    def limit(self, limits: Limits) -> None:
        """These are the limits from now on, also for those who wait."""
        if limits != self._limits:
            self._limits = limits
            self._untold.update(self._held)
            self._freed.set()

    def is_free(self, model_id: str) -> bool:
        """Whether a call would surely not wait, as far as this process can tell without asking anybody."""
        return not self._limits and not self._breakers.pause_left(model_id)

    @asynccontextmanager
    async def passed(
        self, model_id: str, *, tokens: int, is_batch: bool, told: Told | None = None
    ) -> AsyncIterator[None]:
        """Waits until the call may be made, and holds its place; raises ProviderFailure(PROVIDER_BUSY).

        `told` hears its place among the calls that wait in this process, unless it is a batch's.
        """
        member = uuid.uuid4().hex
        if not self.is_free(model_id):
            if told is not None and not is_batch:
                self._stand(member, told)
            try:
                await self._queued(member, model_id, tokens=tokens, is_batch=is_batch)
            finally:
                self._standing.pop(member, None)
        self._held[member] = is_batch
        self._in_flight.inc()
        try:
            yield
        finally:
            self._in_flight.dec()
            del self._held[member]
            self._give_back(member)

    def _stand(self, member: str, told: Told) -> None:
        self._standing[member] = told
        if self._teller is None or self._teller.done():
            self._teller = asyncio.create_task(self._tell_places())

    async def _tell_places(self) -> None:
        while self._standing:
            await asyncio.sleep(TELL_EVERY)
            for place, told in enumerate(list(self._standing.values()), 1):
                told(place, len(self._standing))

    async def _queued(self, member: str, model_id: str, *, tokens: int, is_batch: bool) -> None:
        if self._queue >= LONGEST_QUEUE:
            raise ProviderFailure(Code.PROVIDER_BUSY)
        self._queue += 1
        self._waiting.inc()
        try:
            # Another refusal may have come meanwhile: so it is asked again.
            while (seconds := self._breakers.pause_left(model_id)) > 0:  # noqa: ASYNC110 - nothing could ring
                await asyncio.sleep(seconds)
            if self._limits:
                await self._enter(member, tokens=tokens, is_batch=is_batch)
        finally:
            self._queue -= 1
            self._waiting.dec()

    async def _enter(self, member: str, *, tokens: int, is_batch: bool) -> None:
        # First come, first served, of each class; and one asks, not all who wait.
        async with self._turns[is_batch]:
            while True:
                self._freed.clear()
                entering = asyncio.ensure_future(self._asked(member, tokens=tokens, is_batch=is_batch))
                try:
                    seconds = await asyncio.shield(entering)
                except asyncio.CancelledError:
                    # The answer may be yes: then the place would be held for nobody.
                    entering.add_done_callback(lambda _: self._give_back(member))
                    raise
                if seconds == 0:
                    # Before the next one's turn: it may be judged by what this process holds.
                    self._held[member] = is_batch
                    return
                await self._something_freed(ASK_AGAIN if seconds is None else min(seconds, 5.0))

    async def _something_freed(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._freed.wait()
        except TimeoutError:
            return

    async def _asked(self, member: str, *, tokens: int, is_batch: bool) -> float | None:
        """As `Shared.enter` answers; by this process's share of the limits while Redis is away."""
        if time.monotonic() >= self._redis_rests_until:
            try:
                if self._untold:
                    await self.hold()
                return await self._shared.enter(
                    self._slug, member, self._limits, is_batch=is_batch, tokens=tokens, lease=LEASE
                )
            except (RedisError, OSError) as error:
                logger.warning("gate_alone", extra={"provider": self._slug, "reason": type(error).__name__})
                self._redis_rests_until = time.monotonic() + REDIS_REST
        seconds = self._asked_alone(tokens=tokens, is_batch=is_batch)
        if seconds == 0:
            self._untold.add(member)
        return seconds

    def _asked_alone(self, *, tokens: int, is_batch: bool) -> float | None:
        limits = replace(
            self._limits,
            places=self._share.of(self._limits.places),
            requests=self._share.of(self._limits.requests),
            tokens=self._share.of(self._limits.tokens),
        )
        now = time.monotonic()
        while self._minute and self._minute[0][0] < now - 60:
            self._minute.popleft()
        if self._limits.places:
            most = limits.places_of_batches if is_batch else limits.places
            if len(self._held) >= limits.places or (is_batch and sum(self._held.values()) >= most):
                return None
        is_over = self._limits.requests and len(self._minute) >= limits.requests
        cost = min(tokens, limits.tokens)
        if is_over or (self._limits.tokens and sum(each for _, each in self._minute) + cost > limits.tokens):
            return max(0.05, self._minute[0][0] + 60 - now) if self._minute else ASK_AGAIN
        self._minute.append((now, cost))
        return 0.0

    def _give_back(self, member: str) -> None:
        self._freed.set()
        self._untold.discard(member)
        if not self._limits.places:
            return
        leaving = asyncio.create_task(self._leave(member))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    async def _leave(self, member: str) -> None:
        try:
            await self._shared.leave(self._slug, member)
        except (RedisError, OSError) as error:
            # Nobody renews the place: it is free when its lease is over.
            logger.warning("place_kept", extra={"provider": self._slug, "reason": type(error).__name__})
        self._freed.set()

    async def hold(self) -> None:
        """Renews the places that are held; to be called every few seconds. May raise redis.RedisError."""
        if not self._limits.places:
            self._untold.clear()
            return
        for is_batch in (False, True):
            if members := [member for member, batch in self._held.items() if batch is is_batch]:
                await self._shared.hold(self._slug, members, is_batch=is_batch, lease=LEASE)
                self._untold.difference_update(members)
                # It may have been given back while this was on its way, and then be held for nobody.
                for member in members:
                    if member not in self._held:
                        self._give_back(member)

    async def emptied(self) -> None:
        """Returns when every place that was given back is known to be."""
        if self._leaving:
            await asyncio.wait(self._leaving)
