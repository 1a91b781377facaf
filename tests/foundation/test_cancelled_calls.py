"""A call to Redis that is cancelled is cancelled, in whichever moment: else a run that was to stop goes on."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from foundation.cache.client import client_of
from tests.servers.embedded import EmbeddedServers
from tests.waiting import PATIENCE


async def asked(redis: Redis) -> object:
    return await redis.ping()


async def cancelled_after(work: asyncio.Task[object], steps: int) -> bool | None:
    """Whether the cancel was heard, after so many turns of the loop; None where it had ended before."""
    for _ in range(steps):
        await asyncio.sleep(0)
    if not work.cancel():
        return None
    try:
        await work
    except asyncio.CancelledError:
        return True
    return False


@pytest.mark.parametrize("is_connected", [True, False])
async def test_no_cancel_is_lost(embedded_servers: EmbeddedServers, is_connected: bool) -> None:
    """On Python 3.11, redis-py's own sending gave the call's result to who was cancelled as the last byte went out."""
    async with client_of(embedded_servers.redis_url, seconds=PATIENCE, seconds_to_connect=PATIENCE) as redis:
        heard = []
        for steps in range(60):
            if is_connected:
                await redis.ping()
            else:
                await redis.connection_pool.disconnect()
            heard.append(await cancelled_after(asyncio.create_task(asked(redis)), steps))
    assert heard[0] is True
    assert False not in heard


async def test_what_it_is_asked_it_answers(embedded_servers: EmbeddedServers) -> None:
    async with client_of(embedded_servers.redis_url, seconds=PATIENCE, seconds_to_connect=PATIENCE) as redis:
        assert await redis.echo("x" * 5_000_000) == b"x" * 5_000_000
        with pytest.raises(ResponseError):
            await redis.set("key", "value", ex=-1)
