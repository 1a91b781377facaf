"""Streams: every event once, in order, from any process, whatever happens to readers and providers."""

from __future__ import annotations

import asyncio
import uuid

import aiohttp
import pytest

from tests.cast import Event, Person, text_of
from tests.playground.conftest import Ledger
from tests.servers.service import Service
from tests.waiting import until


def check_numbers(events: list[Event], *, after: int = 0) -> None:
    """Numbered from `after` + 1 without a gap, ended by exactly one terminal event."""
    assert [event.id for event in events] == list(range(after + 1, after + 1 + len(events)))
    assert [event.kind for event in events if event.kind in ("completed", "failed", "cancelled")] == [events[-1].kind]


async def test_a_stream_tells_the_whole_run(author: Person, provider: str):
    events = await author.events(f"{provider}/tokens-12-every-30ms")
    check_numbers(events)
    kinds = [event.kind for event in events]
    assert kinds[0] == "started"
    assert kinds[-2:] == ["usage", "completed"]
    assert kinds.count("token") > 5
    assert events[-1].data["response"] == text_of(events)
    assert events[-1].data == (await author.get(f"/api/executions/{events[-1].data['id']}")).body


async def test_tokens_arrive_before_the_end(author: Person, provider: str):
    loop = asyncio.get_running_loop()
    async with author.streaming(f"{provider}/tokens-20-every-30ms") as stream:
        times = {event.kind: loop.time() async for event in stream if event.kind in ("started", "completed")}
    assert times["completed"] - times["started"] > 0.3


async def test_reasoning_is_told_apart(author: Person, provider: str):
    events = await author.events(f"{provider}/reasoning")
    assert "reasoning" in [event.kind for event in events]
    assert events[-1].data["reasoning"]
    assert events[-1].data["reasoning"] not in events[-1].data["response"]


@pytest.mark.parametrize("header", [True, False])
async def test_f10_a_reader_that_comes_back_gets_every_event_once(author: Person, provider: str, header: bool):
    seen: list[Event] = []
    async with author.streaming(f"{provider}/tokens-30-every-30ms") as stream:
        async for event in stream:
            seen.append(event)
            if len(seen) == 6:
                break
    execution_id, last = seen[0].data["execution_id"], seen[-1].id
    place = {"last_event_id": str(last)} if header else {"after": last}
    async with author.following(execution_id, **place) as stream:
        rest = [event async for event in stream]
    check_numbers(seen + rest)
    assert rest[-1].data["response"] == text_of(seen + rest)


async def test_f10_another_process_tells_the_same_stream(author: Person, provider: str, service: Service):
    other = author.at((await asyncio.to_thread(service.start_web)).url)
    seen: list[Event] = []
    async with author.streaming(f"{provider}/tokens-40-every-30ms") as stream:
        async for event in stream:
            seen.append(event)
            if len(seen) == 4:
                break
    async with other.following(seen[0].data["execution_id"], after=seen[-1].id) as stream:
        live = [event async for event in stream]
    check_numbers(seen + live)
    assert len([event for event in live if event.kind == "token"]) > 5
    async with other.following(seen[0].data["execution_id"], after=0) as stream:
        check_numbers([event async for event in stream])


@pytest.mark.parametrize("place", ["0", "-1", "abc", "99999999999999999999", ""])
async def test_f10_a_place_that_is_none_means_from_the_beginning(author: Person, provider: str, place: str):
    events = await author.events(f"{provider}/echo")
    async with author.following(events[0].data["execution_id"], last_event_id=place) as stream:
        assert [event.id async for event in stream] == [event.id for event in events]


async def test_f19_the_stored_text_serves_when_the_log_is_gone(author: Person, provider: str, service: Service):
    from redis.asyncio import Redis

    events = await author.events(f"{provider}/tokens-12-every-30ms")
    execution_id = events[0].data["execution_id"]
    async with Redis.from_url(service.environment["REDIS_URL"]) as redis:
        assert await redis.delete(f"execution:{execution_id}:log") == 1
    async with author.following(execution_id) as stream:
        told = [event async for event in stream]
    assert text_of(told) == text_of(events)
    assert told[-1].data == events[-1].data
    async with author.following(execution_id, after=3) as stream:
        assert [event.kind async for event in stream] == ["completed"]
    async with author.following(execution_id, after=events[-1].id) as stream:
        assert [event async for event in stream] == []


async def test_t10_the_log_in_redis_holds_no_text(author: Person, provider: str, service: Service):
    from redis.asyncio import Redis

    events = await author.events(f"{provider}/echo", "canary-in-the-log")
    async with Redis.from_url(service.environment["REDIS_URL"]) as redis:
        key = f"execution:{events[0].data['execution_id']}:log"
        rows = await redis.xrange(key)
        assert rows
        assert b"canary" not in repr(rows).encode()
        assert 0 < await redis.ttl(key) <= 3600


async def test_f12_many_readers_are_one_call(author: Person, provider: str, ledger: Ledger):
    model = f"tokens-30-every-30ms@{uuid.uuid4().hex[:8]}"
    async with author.streaming(f"{provider}/{model}") as stream:
        first = await anext(aiter(stream))

        async def read() -> list[Event]:
            async with author.following(first.data["execution_id"]) as copy:
                return [event async for event in copy]

        copies = await asyncio.gather(*(read() for _ in range(50)))
    for copy in copies:
        check_numbers(copy)
    assert len({text_of(copy) for copy in copies}) == 1
    assert len(await ledger.calls(model)) == 1


async def test_f11_a_slow_reader_holds_nobody_up(author: Person, provider: str):
    async with author.streaming(f"{provider}/tokens-60-every-30ms") as slow:
        first = await anext(aiter(slow))
        async with author.following(first.data["execution_id"]) as fast:
            check_numbers([event async for event in fast])
        rest = [event async for event in slow]
    check_numbers([first, *rest])


async def test_f13_a_cancel_closes_the_providers_connection(author: Person, provider: str, ledger: Ledger):
    model = f"tokens-3000-every-30ms@{uuid.uuid4().hex[:8]}"  # a minute and a half
    seen: list[Event] = []
    async with author.streaming(f"{provider}/{model}") as stream:
        async for event in stream:
            seen.append(event)
            if len(seen) == 5:
                answer = await author.post(f"/api/executions/{seen[0].data['execution_id']}/cancel")
                assert answer.status == 202
    check_numbers(seen)
    end = seen[-1]
    assert end.kind == "cancelled"
    assert end.data["status"] == "cancelled"
    assert end.data["response"] == text_of(seen) != ""
    assert end.data["usage"]["completion_tokens"] > 0
    assert end.data["metadata"]["usage_source"] == "estimated"

    async def closed() -> bool:
        return not await ledger.calls(model, is_open=True)

    await until(closed)
    again = await author.post(f"/api/executions/{end.data['id']}/cancel")
    assert (again.status, again.body["status"]) == (200, "cancelled")


async def test_f13_another_process_can_cancel(author: Person, provider: str, service: Service):
    other = author.at((await asyncio.to_thread(service.start_web)).url)
    async with author.streaming(f"{provider}/tokens-500-every-30ms") as stream:
        events = aiter(stream)
        started = await anext(events)
        answer = await other.post(f"/api/executions/{started.data['execution_id']}/cancel")
        assert answer.status == 202
        kinds = [event.kind async for event in events]
    assert kinds[-1] == "cancelled"


async def test_f13_a_run_that_waits_in_the_queue_can_be_cancelled(author: Person, make_provider, ledger: Ledger):
    from foundation.database.threads import in_database_thread

    slug = await in_database_thread(make_provider, max_concurrency=1)
    model = f"tokens-100-every-30ms@{uuid.uuid4().hex[:8]}"
    async with author.streaming(f"{slug}/tokens-100-every-30ms") as busy:
        running = await anext(aiter(busy))
        async with author.streaming(f"{slug}/{model}") as waiting:
            queue = aiter(waiting)
            started = await anext(queue)
            row = (await author.get(f"/api/executions/{started.data['execution_id']}")).body
            assert row["status"] == "pending"
            await author.post(f"/api/executions/{started.data['execution_id']}/cancel")
            kinds = [event.kind async for event in queue]
        await author.post(f"/api/executions/{running.data['execution_id']}/cancel")
    assert kinds[-1] == "cancelled"
    assert await ledger.calls(model) == []


async def test_the_socket_tells_the_same_events(author: Person, provider: str):
    events = await author.events(f"{provider}/tokens-12-every-30ms")
    address = f"{author.url}/ws/executions/{events[0].data['execution_id']}?after=2"
    async with aiohttp.ClientSession() as session, session.ws_connect(address, headers=author.headers) as socket:
        told = [message.json() async for message in socket]
    assert [(event["id"], event["event"], event["data"]) for event in told] == [
        (event.id, event.kind, event.data) for event in events[2:]
    ]
    assert socket.close_code == 1000


async def test_t03_a_stranger_finds_nothing(author: Person, stranger: Person, provider: str):
    body = (await author.execute(f"{provider}/echo")).body
    missing = uuid.uuid4()
    for method, path in (("GET", "{}"), ("GET", "{}/stream"), ("POST", "{}/cancel")):
        theirs = await stranger.call(method, "/api/executions/" + path.format(body["id"]))
        nobodys = await stranger.call(method, "/api/executions/" + path.format(missing))
        assert theirs.status == nobodys.status == 404
        assert theirs.body["detail"] == nobodys.body["detail"]
    async with aiohttp.ClientSession() as session:
        address = f"{author.url}/ws/executions/{body['id']}"
        async with session.ws_connect(address, headers=stranger.headers) as socket:
            await socket.receive()
            assert socket.close_code == 4404
        async with session.ws_connect(address, origin=author.url) as socket:
            await socket.receive()
            assert socket.close_code == 4401
    answer = await stranger.execute(f"{provider}/echo", session_id=body["session_id"])
    assert (answer.status, answer.body["code"]) == (404, "not_found")
