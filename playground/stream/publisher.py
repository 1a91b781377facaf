"""From runs to readers: events are numbered, written to the log, then shown (write before show).

One publisher serves all runs of a process. While one round trip to Redis is under way, deltas pile
up and are merged, so that the cost of a token falls as the load rises.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final

from redis.exceptions import RedisError

from foundation.rest.rendering import dumps
from playground.stream.events import Event
from playground.stream.log import Append, StreamLog
from playground.stream.tails import Tail

logger = logging.getLogger(__name__)

PATIENCE: Final = 5.0
"""Seconds that streams pause for a Redis that is away; then they go on without a log."""
MERGED: Final = {"token": "text", "reasoning": "text", "tool_call_part": "arguments"}
"""Deltas, and the field of each that grows; those that follow each other are one where nothing else differs."""


class Outlet:
    """What one run has to say and has not said yet.

    One that nobody watches says everything at once, when its end is known: for the reaper, should this process die
    before that end is stored. Then its log is taken away.
    """

    def __init__(self, tail: Tail, publisher: Publisher, *, kept_for: int, is_watched: bool = True) -> None:
        self.tail = tail
        self.is_watched = is_watched
        self.kept_for = kept_for
        self.sequence = 0
        self.is_logged = True
        self.outcome: bytes | None = None
        self.tally: Callable[[], Any] | None = None
        """What the provider has counted, where that is news: it goes to the log with the next event."""
        self._publisher = publisher
        self._pending: list[tuple[str, Any]] = []
        self._settled: asyncio.Future[None] | None = None

    def say(self, kind: str, value: dict[str, Any] | bytes, *, can_wait: bool = False) -> None:
        """Queues an event (its data, or that as JSON); deltas that follow each other become one.

        One that can wait is written with the next: a run that nobody streams costs fewer round trips.
        """
        pending, field = self._pending, MERGED.get(kind)
        if isinstance(value, bytes) or field is None:
            pending.append((kind, value))
        elif pending and pending[-1][0] == kind and _differ_in_one(pending[-1][1], value, field):
            pending[-1][1][field].append(value[field])
        else:
            pending.append((kind, {**value, field: [value[field]]}))
        if self.is_watched and not can_wait:
            self._publisher.mark(self)

    async def settled(self) -> None:
        """Returns when everything said so far has been shown."""
        if self._pending:
            self._publisher.mark(self)
        if self._pending or self._publisher.is_busy_with(self):
            if self._settled is None or self._settled.done():
                self._settled = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._settled)

    def take(self) -> list[Event]:
        """The queued events, numbered."""
        pending, self._pending = self._pending, []
        events = []
        for kind, value in pending:
            self.sequence += 1
            if field := MERGED.get(kind):
                value = {**value, field: "".join(value[field])}
            data = value if isinstance(value, bytes) else dumps(value)
            events.append(Event(self.sequence, kind, data))
        return events

    def take_tally(self) -> bytes | None:
        """The tally, where it is news and no outcome stands in its place."""
        tally, self.tally = self.tally, None
        return dumps(tally()) if tally is not None and self.outcome is None else None

    def show(self, events: list[Event]) -> None:
        """Lets the readers have events that the log has."""
        self.tail.publish(events)
        if not self._pending and self._settled is not None and not self._settled.done():
            self._settled.set_result(None)


def _differ_in_one(one: dict[str, Any], other: dict[str, Any], field: str) -> bool:
    return len(one) == 1 or all(one[name] == other[name] for name in one if name != field)


Round = list[tuple[Outlet, list[Event], bytes | None, bytes | None]]
"""Outlets with what they say, and what the reaper would need: the outcome, or else the tally."""


class Publisher:
    """Takes what all runs have to say to the log, in rounds."""

    def __init__(self, log: StreamLog) -> None:
        self._log = log
        self._dirty: dict[Outlet, None] = {}
        self._in_hand: set[Outlet] = set()
        self._worker: asyncio.Task[None] | None = None

    def mark(self, outlet: Outlet) -> None:
        """Notes that `outlet` has something to say."""
        self._dirty[outlet] = None
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())

    def is_busy_with(self, outlet: Outlet) -> bool:
        """Whether events of `outlet` are on their way."""
        return outlet in self._in_hand

    async def _work(self) -> None:
        while self._dirty:
            dirty, self._dirty = self._dirty, {}
            self._in_hand = set(dirty)
            round_ = [(outlet, outlet.take(), outlet.outcome, outlet.take_tally()) for outlet in dirty]
            for outlet, _, _, _ in round_:
                outlet.outcome = None
            try:
                await self._write(round_)
            except Exception:
                logger.exception("stream_log_broke")
                self._go_on_without_log(round_)
            self._in_hand = set()
            for outlet, events, _, _ in round_:
                outlet.show(events)

    async def _write(self, round_: Round) -> None:
        appends = [
            Append(outlet.tail.execution_id, events, outcome, tally, kept_for=outlet.kept_for)
            for outlet, events, outcome, tally in round_
            if events and outlet.is_logged
        ]
        if not appends:
            return
        loop = asyncio.get_running_loop()
        deadline, pause = loop.time() + PATIENCE, 0.05
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    await self._log.append(appends)
                return
            except (RedisError, TimeoutError) as error:
                if loop.time() + pause >= deadline:
                    logger.error("stream_log_unavailable", extra={"reason": type(error).__name__, "runs": len(appends)})
                    self._go_on_without_log(round_)
                    return
            await asyncio.sleep(pause)
            pause = min(pause * 2, 1.0)

    def _go_on_without_log(self, round_: Round) -> None:
        """A log with a hole would cheat its readers: these runs are told to this process's readers only."""
        for outlet, _, _, _ in round_:
            outlet.is_logged = False
