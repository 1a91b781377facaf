"""What every request asks anew and the database would answer the same: remembered for a few seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Remembered(Generic[Key, Value]):
    """Answers by key; who asks while an answer is being found waits for the same one. Failures are not kept."""

    def __init__(self, *, at_most: int = 10_000) -> None:
        self._at_most = at_most
        self._known: dict[Key, tuple[Value, float]] = {}
        self._asked: dict[Key, asyncio.Task[Value]] = {}

    async def get(self, key: Key, find: Callable[[], Awaitable[tuple[Value, float]]]) -> Value:
        """The known answer, else what `find` gives: the answer and the seconds that it may be believed."""
        known = self._known.get(key)
        if known and known[1] > time.monotonic():
            return known[0]
        asking = self._asked.get(key)
        if asking is None or asking.get_loop() is not asyncio.get_running_loop():
            asking = self._asked[key] = asyncio.create_task(self._find(key, find))
            asking.add_done_callback(lambda task: self._settled(key, task))
        return await asyncio.shield(asking)

    async def _find(self, key: Key, find: Callable[[], Awaitable[tuple[Value, float]]]) -> Value:
        value, seconds = await find()
        if len(self._known) >= self._at_most:
            self._known.clear()
        self._known[key] = (value, time.monotonic() + seconds)
        return value

    def _settled(self, key: Key, task: asyncio.Task[Value]) -> None:
        if self._asked.get(key) is task:
            del self._asked[key]
        if not task.cancelled():
            # A caller that has gone does not ask for it: that is no forgotten error.
            task.exception()
