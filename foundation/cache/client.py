"""Clients of Redis for asynchronous code, whose callers can be cancelled at any moment."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import TimeoutError as TookTooLong


def client_of(url: str, *, seconds: float, seconds_to_connect: float) -> Redis:
    """A client that gives each call so many seconds; it is closed by whoever had it made."""
    pool = ConnectionPool.from_url(url, socket_timeout=seconds, socket_connect_timeout=seconds_to_connect)
    pool.connection_class = _cancellable(pool.connection_class)
    return Redis.from_pool(pool)


def _cancellable(kind: type[AbstractConnection]) -> type[AbstractConnection]:
    """The same connection, in which no cancel is lost.

    redis-py sends within `asyncio.wait_for`, which up to Python 3.11 gives its result to whoever is cancelled in the
    moment when it is there (python/cpython#86296): a run that was to stop went on, and so did an engine.
    """

    class Cancellable(kind):  # type: ignore[misc, valid-type]
        socket_timeout: float | None

        async def send_packed_command(
            self, command: bytes | str | Iterable[bytes], check_health: bool = True, **more: Any
        ) -> None:
            seconds, self.socket_timeout = self.socket_timeout, None
            try:
                async with asyncio.timeout(seconds):
                    await super().send_packed_command(command, check_health, **more)
            except TimeoutError:
                await self.disconnect(nowait=True)
                raise TookTooLong("Timeout writing to socket") from None
            finally:
                self.socket_timeout = seconds

    return Cancellable
