"""Waiting for the end of runs that live in other processes: one question to the database serves all who wait."""

from __future__ import annotations

import asyncio
import logging
from typing import Final
from uuid import UUID

import psycopg

from foundation.problems import Problem, unavailable
from playground.engine.store import Store

logger = logging.getLogger(__name__)

ASK_EVERY: Final = 0.2


class Endings:
    """Who waits in this process, by execution."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: dict[UUID, asyncio.Event] = {}
        self._asking: asyncio.Task[None] | None = None
        self._is_stopped = False

    async def of(self, execution_id: UUID) -> None:
        """Returns when the execution has ended, or there is none; a Problem (503) when this process stops first."""
        if self._is_stopped:
            raise _stopped()
        event = self._waiting.setdefault(execution_id, asyncio.Event())
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        await event.wait()
        if self._is_stopped:
            raise _stopped()

    async def _ask(self) -> None:
        while self._waiting:
            try:
                ended = await self._store.ended_of(list(self._waiting))
            except psycopg.Error as error:
                # They go on waiting: their callers have clocks of their own.
                logger.warning("endings_unread", extra={"reason": type(error).__name__})
                ended = []
            for execution_id in ended:
                self._waiting.pop(execution_id).set()
            await asyncio.sleep(ASK_EVERY)

    async def stop(self) -> None:
        """Nobody waits any more: who does is told."""
        self._is_stopped = True
        if self._asking is not None:
            self._asking.cancel()
        for event in self._waiting.values():
            event.set()
        self._waiting.clear()


def _stopped() -> Problem:
    return unavailable("The service is being restarted.")
