"""F19, F20, F22, F38 on the whole path, under the supervisor: servers, worker and EventManager, one after another away.

Each event is delivered, in the order of its aggregate; what comes twice comes under its id; none quotes a prompt.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterator
from typing import Final

import pytest

from accounts.bearer.web_tokens import issue
from foundation.processes import kill_session
from tests.cast import Person
from tests.events.conftest import SECRET, TOKEN
from tests.faults.heard import CANARY, Heard, Work, all_told, is_told_slowly, repeated, work
from tests.servers.embedded import EmbeddedServers
from tests.servers.event_manager import EventManagerServer
from tests.servers.supervised import SupervisedService
from tests.waiting import until

INTAKE: Final = "events-for-the-playground"


@pytest.fixture(scope="module")
def listener() -> Iterator[EventManagerServer]:
    """The EventManager, for a module; it keeps its address while it is away."""
    with EventManagerServer(secret=SECRET.encode(), token=TOKEN) as server:
        yield server


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory, listener: EventManagerServer) -> Iterator[Heard]:
    """One for a module."""
    folder = tmp_path_factory.mktemp("heard")
    with EmbeddedServers(folder, durable=True) as servers:
        urls = {"database_url": servers.database_url, "redis_url": servers.redis_url}
        told = {"EVENT_MANAGER_URL": listener.url, "EVENT_MANAGER_TOKEN": TOKEN, "EVENT_SIGNING_SECRET": SECRET}
        told["EVENT_INTAKE_STREAM"] = INTAKE
        with SupervisedService(**urls, **told) as service:
            yield Heard(servers, service)


@pytest.fixture
async def author(heard: Heard, listener: EventManagerServer) -> Person:
    """Somebody new, once the way to the EventManager works."""
    person = Person(heard.service.url, None, token=issue(str(uuid.uuid4()), use="access", lifetime=3_600))
    before = len(listener.events)

    async def is_told() -> bool:
        await person.execute("openai/echo", CANARY)
        return len(listener.events) > before

    await until(is_told)
    return person


async def test_f22_the_event_manager_goes_away_and_comes_back(
    heard: Heard, listener: EventManagerServer, author: Person
) -> None:
    ids = await work(author)
    await asyncio.to_thread(listener.go)
    before = len(listener.events)
    ids += await work(author)

    async def is_known_to_be_away() -> bool:
        return bool(await asyncio.to_thread(heard.rows, "SELECT 1 FROM event_destinations WHERE failures > 0"))

    await until(is_known_to_be_away)
    assert len(listener.events) == before
    await asyncio.to_thread(listener.come)
    ids += await work(author)
    await all_told(heard, listener, ids)


@pytest.mark.parametrize("who", ["worker", "relay"])
async def test_f38_who_tells_is_killed_in_the_middle_of_a_batch(
    heard: Heard, listener: EventManagerServer, author: Person, who: str
) -> None:
    await all_told(heard, listener, [])
    worker, repeats = heard.worker, repeated(listener)
    ids = await is_told_slowly(listener, author)
    if who == "worker":
        kill_session(worker.pid)
    else:
        heard.relay(listener).kill()
        # That a lease runs out by itself is seen with the worker.
        await asyncio.to_thread(heard.rows, "UPDATE event_destinations SET held_until = statement_timestamp()")
    ids += await work(author)
    await all_told(heard, listener, ids)
    assert repeated(listener) > repeats, "what was taken and not marked comes again"
    assert (heard.worker == worker) is (who == "relay")


async def test_f19_the_worker_outlives_a_valkey_that_is_killed_while_it_tells(
    heard: Heard, listener: EventManagerServer, author: Person
) -> None:
    await all_told(heard, listener, [])
    worker = heard.worker
    ids = await is_told_slowly(listener, author)
    await asyncio.to_thread(heard.restart, "Valkey")
    ids += await work(author)
    await all_told(heard, listener, ids)

    async def is_over() -> bool:
        return not await asyncio.to_thread(heard.rows, "SELECT 1 FROM event_destinations WHERE holder IS NOT NULL")

    await until(is_over)
    await all_told(heard, listener, await work(author))
    assert heard.worker == worker, "its task ends after the broker was lost, and it goes on"


@pytest.mark.parametrize("kind", ["Valkey", "Postgres"])
async def test_f19_f20_a_server_is_killed_and_comes_back(
    heard: Heard, listener: EventManagerServer, author: Person, kind: str
) -> None:
    async with Work(author) as load:
        await load.some_more()
        await asyncio.to_thread(heard.kill, kind)
        if kind == "Valkey":  # runs go on without it, and their events are written
            await load.some_more()
        else:
            await asyncio.sleep(2.0)
        await asyncio.to_thread(heard.start_again, kind)
        await load.some_more()
    rows = await all_told(heard, listener, load.ids)
    assert len(rows) > 2 * len(load.ids)


async def test_f19_f39_after_all_of_it_an_event_of_the_stream_is_done_once(heard: Heard) -> None:
    id_, user = str(uuid.uuid4()), str(uuid.uuid4())
    event = {"id": id_, "type": "user.created", "payload": {"user_id": user, "email": "ada@example.org", "name": "Ada"}}
    async with heard.redis() as redis:
        for _ in range(2):
            await redis.xadd(INTAKE, {"event": json.dumps(event)})

    async def is_done() -> bool:
        found = await asyncio.to_thread(heard.rows, "SELECT fate FROM consumed_events WHERE event_id = %s", id_)
        return [each["fate"] for each in found] == ["done"]

    await until(is_done)
    assert len(await asyncio.to_thread(heard.rows, "SELECT 1 FROM users WHERE id = %s", user)) == 1
