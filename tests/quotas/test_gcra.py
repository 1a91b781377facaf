"""The algorithm itself: exact in the process, in Valkey, and the same in both."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from redis import Redis

from quotas.rate_limits import local
from quotas.rate_limits.classes import RequestClass
from quotas.rate_limits.gcra import MINUTE, Pace, decide, decision
from quotas.rate_limits.limiting import Limiter
from quotas.rate_limits.local import LocalLimits
from quotas.rate_limits.shared import SCRIPT, SharedLimits
from tests.servers.embedded import EmbeddedServers

LIMITS = some.integers(1, 1_000_000)
TIME_OF_OUR_AGE = 1_900_000_000_000_000


@given(limit=some.integers(1, 50), gaps=some.lists(some.integers(0, MINUTE // 10), max_size=200))
def test_no_stretch_of_time_lets_more_pass_than_a_burst_and_what_came_back(limit: int, gaps: list[int]) -> None:
    pace, now, arrival = Pace(limit), 0, 0
    passed: list[int] = []
    for gap in gaps:
        now += gap
        is_allowed, ahead = decide(arrival - now, pace)
        arrival = now + ahead
        if is_allowed:
            passed.append(now)
    for first, begin in enumerate(passed):
        for last in range(first, len(passed)):
            assert last - first + 1 <= limit + (passed[last] - begin) // pace.interval


@given(limit=LIMITS)
def test_a_whole_limit_passes_at_once_and_a_refused_one_passes_when_told(limit: int) -> None:
    pace = Pace(limit)
    last = decide(pace.burst - pace.interval, pace)
    assert last == (True, pace.burst)
    assert decision(*last, pace).remaining == 0
    refused = decision(*decide(pace.burst, pace), pace)
    assert (refused.is_allowed, refused.retry_after) == (False, pace.interval)
    assert decide(pace.burst - refused.retry_after, pace)[0]
    assert not decide(pace.burst - refused.retry_after + 1, pace)[0]
    assert MINUTE <= pace.burst < MINUTE + limit


@pytest.fixture
def valkey(embedded_servers: EmbeddedServers) -> Redis:
    """A plain connection."""
    return Redis.from_url(embedded_servers.redis_url)


@given(limit=LIMITS, now=some.integers(TIME_OF_OUR_AGE // 2, TIME_OF_OUR_AGE), share=some.fractions(-1, 3))
def test_valkey_decides_as_the_process_does(
    embedded_servers: EmbeddedServers, limit: int, now: int, share: Any
) -> None:
    pace = Pace(limit)
    arrival = now + int(share * pace.burst)
    at = SCRIPT.replace("redis.call('TIME')", f"{{{now // 1_000_000}, {now % 1_000_000}}}")
    # Read in the same script: a key of a short interval is gone in the next moment.
    at = at.replace("return answers", "return {answers[1], redis.call('GET', KEYS[1])}")
    with Redis.from_url(embedded_servers.redis_url) as valkey:
        valkey.set("rate:parity", arrival)
        told, kept = valkey.eval(at, 1, "rate:parity", pace.interval, pace.burst)
    is_allowed, ahead = decide(arrival - now, pace)
    assert (told > 0, abs(told)) == (is_allowed, ahead)
    assert int(kept) == (now + ahead if is_allowed else arrival)


@pytest.fixture
async def shared(embedded_servers: EmbeddedServers) -> AsyncIterator[SharedLimits]:
    """Limits in Valkey."""
    limits = SharedLimits(embedded_servers.redis_url)
    yield limits
    await limits.close()


async def test_one_call_decides_for_many_and_for_each_by_itself(shared: SharedLimits):
    name = f"rate:standard:{uuid.uuid4().hex}"
    pace = Pace(10)
    decided = await asyncio.gather(*(shared.ask(key=f"{name}:{number % 3}", pace=pace) for number in range(900)))
    for key in range(3):
        assert sum(each.is_allowed for each in decided[key::3]) == 10


async def test_a_caller_who_leaves_takes_nobody_along(shared: SharedLimits):
    name = f"rate:standard:{uuid.uuid4().hex}"
    asking = [asyncio.create_task(shared.ask(key=name, pace=Pace(10))) for _ in range(6)]
    await asyncio.sleep(0)
    for each in asking[::2]:
        each.cancel()
    done = await asyncio.gather(*asking, return_exceptions=True)
    assert [isinstance(each, asyncio.CancelledError) for each in done] == [True, False] * 3
    assert (await shared.ask(key=name, pace=Pace(10))).is_allowed


async def test_an_answer_that_came_while_the_process_was_busy_counts(
    shared: SharedLimits, monkeypatch: pytest.MonkeyPatch
):
    name = f"rate:standard:{uuid.uuid4().hex}"
    await shared.ask(key=name, pace=Pace(10))
    monkeypatch.setattr("quotas.rate_limits.shared.SECONDS", 0.05)
    for _ in range(5):
        asking = asyncio.create_task(shared.ask(key=name, pace=Pace(10)))
        for _ in range(4):
            await asyncio.sleep(0)
        time.sleep(0.1)  # noqa: ASYNC251 - whatever keeps the event loop
        assert (await asking).is_allowed


async def test_a_key_goes_by_itself_and_names_a_user_and_a_class(embedded_servers: EmbeddedServers, valkey: Redis):
    user_id = uuid.uuid4()
    limits = {RequestClass.STREAMING: 50}
    limiter = Limiter(embedded_servers.redis_url, limits=limits, processes=1)
    await limiter.ask(user_id=user_id, request_class=RequestClass.STREAMING)
    keys = list(valkey.scan_iter(match=f"*{user_id.hex}*"))
    assert keys == [f"rate:streaming:{user_id.hex}".encode()]
    assert 0 < int(valkey.pttl(keys[0])) <= 1_200
    await limiter.close()


async def test_a_clock_that_was_set_back_locks_nobody_out(shared: SharedLimits, valkey: Redis):
    name = f"rate:standard:{uuid.uuid4().hex}"
    valkey.set(name, TIME_OF_OUR_AGE + 365 * 24 * 60 * MINUTE, px=60_000)
    refused = await shared.ask(key=name, pace=Pace(60))
    assert (refused.is_allowed, refused.retry_after) == (False, 1_000_000)


async def test_no_limit_is_no_limit(embedded_servers: EmbeddedServers):
    limits = {RequestClass.STANDARD: 0, RequestClass.EVALUATION: 1}
    limiter = Limiter(embedded_servers.redis_url, limits=limits, processes=1)
    user_id = uuid.uuid4()
    assert await limiter.ask(user_id=user_id, request_class=RequestClass.STANDARD) is None
    assert await limiter.ask(user_id=user_id, request_class=RequestClass.EVALUATION)
    await limiter.close()


def test_a_process_alone_lets_half_of_its_share_pass() -> None:
    for limit, processes, share in ((100, 1, 50), (100, 4, 12), (20, 2, 5), (1, 8, 1)):
        limits = LocalLimits(processes=processes)
        decided = [limits.ask(key="standard:a", limit=limit, now=0) for _ in range(limit + 1)]
        assert sum(each.is_allowed for each in decided) == share
        assert {each.limit for each in decided} == {share}


def test_a_process_alone_keeps_so_many_keys_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "MOST_KEYS", 100)
    limits = LocalLimits(processes=1)
    decided = [limits.ask(key=f"standard:{number}", limit=10, now=0) for number in range(1_000)]
    assert sum(each.is_allowed for each in decided) == 105
    assert len(limits._arrivals) <= 103
    # Those of a minute ago have all of their limit again, and make room.
    assert limits.ask(key="standard:new", limit=10, now=2 * MINUTE).remaining == 4
    assert len(limits._arrivals) == 1
