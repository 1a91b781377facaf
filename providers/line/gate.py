"""The gate before a provider: how many at once, how many a minute, and the queue of those who wait.

A minute's limits are kept in Redis for all processes together (moving window of the `limits`
library); concurrency is kept a process. A run that finds the queue full fails at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from limits import RateLimitItemPerMinute
from limits.aio.strategies import MovingWindowRateLimiter

from providers.errors import Code, ProviderFailure

LONGEST_QUEUE: Final = 1_000


class Gate:
    """The limits of one provider; None means no limit."""

    def __init__(
        self,
        slug: str,
        *,
        limiter: MovingWindowRateLimiter | None = None,
        requests_per_minute: int | None = None,
        tokens_per_minute: int | None = None,
        max_concurrency: int | None = None,
    ) -> None:
        self._slug = slug
        self._limiter = limiter
        self._requests = RateLimitItemPerMinute(requests_per_minute) if requests_per_minute else None
        self._tokens = RateLimitItemPerMinute(tokens_per_minute) if tokens_per_minute else None
        self._slots = asyncio.Semaphore(max_concurrency) if max_concurrency else None
        self._closed_until = 0.0
        self._queue = 0

    def is_free(self) -> bool:
        """Whether a call would not wait, as far as this process can tell without asking anybody."""
        return (
            self._requests is None
            and self._tokens is None
            and time.monotonic() >= self._closed_until
            and not (self._slots and self._slots.locked())
        )

    def pause(self, seconds: float) -> None:
        """The provider asked to wait: so does everybody who is about to call it."""
        self._closed_until = max(self._closed_until, time.monotonic() + seconds)

    @asynccontextmanager
    async def passed(self, *, tokens: int) -> AsyncIterator[None]:
        """Waits until the call may be made, and holds its place; raises ProviderFailure(PROVIDER_BUSY)."""
        if self._queue >= LONGEST_QUEUE:
            raise ProviderFailure(Code.PROVIDER_BUSY)
        self._queue += 1
        try:
            await self._wait_for_pause()
            await self._wait_for(self._requests, "requests", 1)
            await self._wait_for(self._tokens, "tokens", tokens)
            if self._slots is not None:
                await self._slots.acquire()
        finally:
            self._queue -= 1
        try:
            yield
        finally:
            if self._slots is not None:
                self._slots.release()

    def _pause_left(self) -> float:
        return self._closed_until - time.monotonic()

    async def _wait_for_pause(self) -> None:
        # Another refusal may have come meanwhile: so it is asked again.
        while self._pause_left() > 0:  # noqa: ASYNC110 - a time is waited for: nothing could ring
            await asyncio.sleep(self._pause_left())

    async def _wait_for(self, item: Any, kind: str, cost: int) -> None:
        if item is None or self._limiter is None:
            return
        cost = min(cost, item.amount)
        while not await self._limiter.hit(item, "provider", self._slug, kind, cost=cost):
            window = await self._limiter.get_window_stats(item, "provider", self._slug, kind)
            await asyncio.sleep(max(0.05, min(window.reset_time - time.time(), 5.0)))
