"""Readers of a stream: every event above a number, once, in order, from any web process, also after the end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

from django.db import OperationalError
from redis.exceptions import RedisError

from foundation.database.threads import in_database_thread
from playground.models import PromptExecution, Status
from playground.representation import execution_json, usage_json
from playground.stream.events import Event
from playground.stream.log import StreamLog
from playground.stream.tails import Tail, Tails

logger = logging.getLogger(__name__)

TICKS_A_LOOK: Final = 5
"""Seconds of silence after which the row is asked whether the run has ended."""
TICKS_A_HEARTBEAT: Final = 15
PAGE: Final = 200
FOLLOW_WAIT_MS: Final = 250

Batch = list[Event]
"""Events in order; an empty batch is a heartbeat. None instead of one: nothing came for a second."""


class Readers:
    """Reads streams for this process's requests and sockets."""

    def __init__(self, *, tails: Tails, log: StreamLog) -> None:
        self._tails = tails
        self._log = log
        self._follower: asyncio.Task[None] | None = None

    async def read(self, execution_id: UUID, *, after: int = 0) -> AsyncIterator[Batch | None]:
        """Batches of events until the terminal one; in silence None every second, and an empty batch every 15 s."""
        tail = self._tails.open(execution_id)
        tail.readers += 1
        try:
            async for batch in self._from(tail, max(after, 0)):
                yield batch
        finally:
            tail.readers -= 1
            self._tails.release(tail)

    async def _from(self, tail: Tail, cursor: int) -> AsyncIterator[Batch | None]:
        must_look, ticks = True, 0
        while True:
            batch: Batch | None = await self._next(tail, cursor, is_new=must_look)
            if not batch and must_look and not tail.is_local:
                must_look = False
                batch = await self._row(tail.execution_id, cursor)
                if batch == []:
                    return
                self._follow()
            if batch:
                yield batch
                cursor, ticks = batch[-1].sequence, 0
                if batch[-1].is_terminal:
                    return
                continue
            if not await tail.wait():
                ticks += 1
                yield [] if ticks % TICKS_A_HEARTBEAT == 0 else None
                must_look = ticks % TICKS_A_LOOK == 0
            elif tail.is_ended:
                must_look = True

    async def _row(self, execution_id: UUID, cursor: int) -> Batch | None:
        try:
            return await in_database_thread(_stored, execution_id, cursor)
        except OperationalError:
            # It is asked again after the next silence; a reader who is there keeps the connection.
            logger.warning("execution_unread", extra={"execution_id": str(execution_id)})
            return None

    async def _next(self, tail: Tail, cursor: int, *, is_new: bool) -> Batch:
        """What the tail has, else what the log has; nothing when the log has lost the next event.

        A tail that another process feeds is believed to be complete between two looks.
        """
        seen = tail.after(cursor)
        if seen or (seen is not None and (tail.is_local or not is_new)):
            return seen
        try:
            page = await self._log.read(tail.execution_id, after=cursor, count=PAGE)
        except RedisError:
            logger.warning("stream_log_unread", extra={"execution_id": str(tail.execution_id)})
            return []
        if not page or page[0].sequence != cursor + 1:
            return []
        if not tail.is_local:
            tail.skip_to(page[-1].sequence)
        return page

    def _follow(self) -> None:
        if self._follower is None or self._follower.done():
            self._follower = asyncio.create_task(self._follow_all())

    async def _follow_all(self) -> None:
        """One blocking read serves all streams that other processes run and somebody here reads."""
        while followed := self._tails.followed():
            cursors = {tail.execution_id: tail.last for tail in followed}
            try:
                news = await self._log.read_new(cursors, wait_ms=FOLLOW_WAIT_MS)
            except RedisError:
                await asyncio.sleep(1.0)
                continue
            for execution_id, events in news.items():
                if tail := self._tails.get(execution_id):
                    tail.publish(events)

    async def stop(self) -> None:
        """Ends the following."""
        if self._follower is not None:
            self._follower.cancel()


def _stored(execution_id: UUID, cursor: int) -> Batch | None:
    """An ended run told from its row, when the log is gone: None while it has not ended, empty when all was told."""
    execution = PromptExecution.objects.filter(id=execution_id).first()
    if execution is None:
        return []
    if not Status(execution.status).is_final:
        return None
    last = max(execution.last_event, 4)
    if cursor >= last:
        return []
    terminal = Event.of(last, execution.status, execution_json(execution))
    return [*_beginning(execution, last), terminal] if cursor == 0 else [terminal]


def _beginning(execution: PromptExecution, last: int) -> Batch:
    started = {
        "execution_id": execution.id,
        "session_id": execution.session_id,
        "model_id": execution.model_id,
        "timestamp": execution.created_at,
    }
    text = (execution.answer or {}).get("response", "")
    return [
        Event.of(1, "started", started),
        *([Event.of(last - 2, "token", {"text": text})] if text else []),
        Event.of(last - 1, "usage", usage_json(execution)),
    ]
