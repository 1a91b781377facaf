"""The clocks over an answer's body: first byte, idle, total, on one timer a call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from providers.base import Timeouts
from providers.errors import Code, ProviderFailure


class Clock:
    """Calls `expire` with the failure when the provider took too long.

    The idle clock runs only while the reader waits: a reader that is slow itself does not count. One timer
    looks now and then, instead of one being set for every chunk; so a chunk costs two attribute writes.
    """

    __slots__ = ("_deadline", "_expire", "_first_due", "_idle", "_loop", "_timer", "_waits_since")

    def __init__(self, timeouts: Timeouts, *, started: float, expire: Callable[[ProviderFailure], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._deadline = started + timeouts.total
        self._first_due: float | None = started + timeouts.first_byte
        self._idle = timeouts.idle
        self._expire = expire
        self._waits_since: float | None = None
        self._timer = self._loop.call_at(self._due(), self._look)

    def wait(self) -> None:
        """The reader begins to wait for the provider."""
        self._waits_since = self._loop.time()

    def got(self) -> None:
        """Something came."""
        self._waits_since = None
        if self._first_due is not None:
            self._first_due = None
            self._set()

    def hurry(self, seconds: float) -> None:
        """From now on silence may last no longer than this."""
        self._first_due = None
        self._idle = min(self._idle, seconds)
        self._set()

    def stop(self) -> None:
        self._timer.cancel()

    def _set(self) -> None:
        self._timer.cancel()
        self._timer = self._loop.call_at(self._due(), self._look)

    def _due(self) -> float:
        """When to look next: nothing can run out before."""
        since = self._loop.time() if self._waits_since is None else self._waits_since
        return min(self._deadline, since + self._idle if self._first_due is None else self._first_due)

    def _look(self) -> None:
        now = self._loop.time()
        if now >= self._deadline:
            self._expire(ProviderFailure(Code.TIMEOUT_TOTAL))
        elif self._waits_since is not None and now >= self._due():
            # The request was taken: what the provider does not say in time it may bill all the same.
            self._expire(ProviderFailure(Code.TIMEOUT_IDLE if self._first_due is None else Code.TIMEOUT_FIRST_BYTE))
        else:
            # A first byte that is due while nobody waits for it must not make this a busy loop.
            self._timer = self._loop.call_at(max(self._due(), now + 0.01), self._look)
