"""The pulse of an engine: what a process does again and again beside its runs, each duty at its own pace.

No duty waits for another and none ends with an error: what one meets is logged, and it is done again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final

import psycopg
from django.db import DatabaseError
from redis.exceptions import RedisError

from foundation.metrics.families import PULSE_AT
from foundation.metrics.labels import Children

_at = Children(PULSE_AT.labels)
logger = logging.getLogger(__name__)

Duty = Callable[[], Awaitable[object]]
TOLD_EVERY: Final = 30.0
"""Seconds; a server that is away for minutes needs no line for each of its hundreds of misses."""
EXPECTED: Final = (psycopg.Error, DatabaseError, RedisError, OSError)
"""What a server that is away makes of a duty; a line says so. Anything else is a fault of ours, told with its place."""


class Pulse:
    """Duties by name, from `start` to `stop`."""

    def __init__(self) -> None:
        self._duties: dict[str, tuple[float, Duty]] = {}
        self._done: dict[str, float] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def add(self, name: str, duty: Duty, *, every: float) -> None:
        """Has `duty` done every so many seconds; to be called before the start."""
        self._duties[name] = (every, duty)

    def start(self) -> None:
        """Begins; the first round comes after each duty's own time."""
        for name, (every, duty) in self._duties.items():
            self._done[name] = time.monotonic()
            _at.of(name).set(time.time())
            self._tasks.append(asyncio.create_task(self._go_on(name, duty, every)))

    async def _go_on(self, name: str, duty: Duty, every: float) -> None:
        told_at = -TOLD_EVERY
        while True:
            await asyncio.sleep(every)
            try:
                await duty()
            except Exception as error:
                if time.monotonic() >= told_at + TOLD_EVERY:
                    told_at = time.monotonic()
                    _tell(name, error)
            else:
                self._done[name] = time.monotonic()
                _at.of(name).set(time.time())
                told_at = -TOLD_EVERY

    def missed(self, seconds: float) -> list[str]:
        """Names of the duties that were not done within so many seconds of their time."""
        now = time.monotonic()
        return [name for name, at in self._done.items() if now - at > self._duties[name][0] + seconds]

    async def stop(self) -> None:
        """Ends; a duty that is being done is cut off."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _tell(name: str, error: Exception) -> None:
    if isinstance(error, EXPECTED):
        logger.warning("pulse_missed", extra={"duty": name, "reason": type(error).__name__})
    else:
        logger.error("pulse_broke", extra={"duty": name}, exc_info=error)
