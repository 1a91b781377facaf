"""Tails: the newest events of each stream that this process runs or follows, shared by all its readers.

A tail is bounded; a reader that fell behind it reads from the log again, so that a slow reader costs
a cursor and no memory.
"""

from __future__ import annotations

import asyncio
from collections import deque
from uuid import UUID

from playground.stream.events import Event

KEPT_EVENTS = 512
KEPT_BYTES = 256 * 1024
TICK = 1.0
"""Seconds; a reader who waits looks around at least that often."""


class Tail:
    """The last events of one stream, and those who wait for the next."""

    def __init__(self, execution_id: UUID) -> None:
        self.execution_id = execution_id
        self.last = 0
        self.is_ended = False
        self.is_local = False
        self.readers = 0
        self._events: deque[Event] = deque()
        self._bytes = 0
        self._waiting: list[asyncio.Future[bool]] = []

    def publish(self, events: list[Event]) -> None:
        """Adds events that stand in the log; ones that were seen already are passed over."""
        for event in events:
            if event.sequence <= self.last:
                continue
            self._events.append(event)
            self._bytes += len(event.data)
            self.last = event.sequence
            self.is_ended = self.is_ended or event.is_terminal
        while self._events and (len(self._events) > KEPT_EVENTS or self._bytes > KEPT_BYTES) and len(self._events) > 1:
            self._bytes -= len(self._events.popleft().data)
        self.wake()

    def skip_to(self, sequence: int) -> None:
        """A reader has read the log up to `sequence`: what is followed begins there."""
        if sequence > self.last:
            self._events.clear()
            self._bytes = 0
            self.last = sequence

    def wake(self, *, has_news: bool = True) -> None:
        """Lets every waiting reader look again."""
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(has_news)

    def after(self, sequence: int) -> list[Event] | None:
        """Events above `sequence`; None when some of them have left the tail: then the log has them."""
        if sequence >= self.last:
            return []
        if not self._events or self._events[0].sequence > sequence + 1:
            return None
        skip = sequence + 1 - self._events[0].sequence
        return list(self._events)[skip:]

    async def wait(self) -> bool:
        """True when something new has come, False with the next tick."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        return await future


class Tails:
    """The tails of this process, by execution.

    One clock ticks for all who wait: a timer a reader and token would cost more than the token.
    """

    def __init__(self) -> None:
        self._tails: dict[UUID, Tail] = {}
        self._ticking: asyncio.Task[None] | None = None

    def get(self, execution_id: UUID) -> Tail | None:
        """The tail of a stream that is run or followed here."""
        return self._tails.get(execution_id)

    def open(self, execution_id: UUID) -> Tail:
        """The stream's tail, made when there is none."""
        if self._ticking is None or self._ticking.done():
            self._ticking = asyncio.create_task(self._tick())
        return self._tails.setdefault(execution_id, Tail(execution_id))

    async def _tick(self) -> None:
        while self._tails:
            await asyncio.sleep(TICK)
            for tail in list(self._tails.values()):
                tail.wake(has_news=False)

    async def stop(self) -> None:
        """Ends the clock."""
        if self._ticking is not None:
            self._ticking.cancel()

    def release(self, tail: Tail) -> None:
        """Forgets a tail that nobody runs and nobody reads."""
        if not tail.is_local and tail.readers == 0:
            self._tails.pop(tail.execution_id, None)

    def followed(self) -> list[Tail]:
        """Tails of streams that another process runs and somebody here reads."""
        return [tail for tail in self._tails.values() if not tail.is_local and tail.readers and not tail.is_ended]
