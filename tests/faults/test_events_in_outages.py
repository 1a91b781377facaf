"""F19, F20, F22, F38 on the whole path, under the supervisor: servers, worker and EventManager, one after another away.

Each event is delivered, in the order of its aggregate; what comes twice comes under its id; none quotes a prompt.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final, Self
from urllib.parse import urlsplit

import psutil
import pytest

from accounts.bearer.web_tokens import issue
from foundation.processes import kill_session
from tests.cast import Person
from tests.events.conftest import SECRET, TOKEN
from tests.faults.conftest import Ground
from tests.servers.embedded import EmbeddedServers
from tests.servers.event_manager import EventManagerServer
from tests.servers.supervised import SupervisedService
from tests.waiting import until

CANARY: Final = "kanarienvogel-9b3d"
"""In each prompt, and so in each answer of the echo."""
INTAKE: Final = "events-for-the-playground"
AT_ONCE: Final = 6
SOME: Final = 12
"""Runs of a stretch of load."""
EVENTS: Final = """
SELECT d.event_id::text AS id, d.aggregate, d.state, e.type, e.payload
FROM event_deliveries d JOIN events e ON e.id = d.event_id WHERE d.destination_id = 'event_manager' ORDER BY d.id
"""


@pytest.fixture(scope="module")
def listener() -> Iterator[EventManagerServer]:
    """The EventManager, for a module; it keeps its address while it is away."""
    with EventManagerServer(secret=SECRET.encode(), token=TOKEN) as server:
        yield server


class Heard(Ground):
    """A whole installation that tells an EventManager, under its supervisor."""

    def __init__(self, servers: EmbeddedServers, service: SupervisedService) -> None:
        super().__init__(servers)
        self.service = service

    @property
    def worker(self) -> psutil.Process:
        """As it runs now."""
        return self.service.program("worker")

    def relay(self, listener: EventManagerServer) -> psutil.Process:
        """The process of the worker's pool that is telling now."""
        port = urlsplit(listener.url).port
        for member in self.worker.children():
            if any(each.raddr and each.raddr.port == port for each in member.net_connections("tcp")):
                return member
        raise AssertionError("nobody is telling")


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


async def work(author: Person, *, runs: int = SOME) -> list[str]:
    """Runs some prompts and makes, renames and archives a session; the ids of the runs that were taken on."""
    limit = asyncio.Semaphore(AT_ONCE)

    async def run(number: int) -> str | None:
        async with limit:
            answer = await author.execute("openai/echo", f"{CANARY} {number}")
        assert answer.status in (200, 503), answer
        return answer.body["id"] if answer.status == 200 and answer.body["status"] == "completed" else None

    async def tend() -> None:
        made = await author.post("/api/sessions", {"name": "Outages", "purpose": CANARY})
        if made.status == 201:
            await author.call("PATCH", f"/api/sessions/{made.body['id']}", {"description": CANARY})
            await author.post(f"/api/sessions/{made.body['id']}/archive")

    *found, _ = await asyncio.gather(*(run(number) for number in range(runs)), tend())
    return [each for each in found if each]


class Work:
    """Goes on while it is entered, whatever is away; `ids` are those of the runs that were answered."""

    def __init__(self, author: Person) -> None:
        self.ids: list[str] = []
        self._author = author
        self._is_over = False

    async def __aenter__(self) -> Self:
        self._going = asyncio.create_task(self._go_on())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._is_over = True
        await self._going

    async def some_more(self) -> None:
        """Until more has been answered."""
        before = len(self.ids)

        async def are_more() -> bool:
            if self._going.done():
                await self._going  # what ended it
            return len(self.ids) >= before + AT_ONCE

        await until(are_more, seconds=90)

    async def _go_on(self) -> None:
        while not self._is_over:
            self.ids += await work(self._author, runs=AT_ONCE)


async def all_told(heard: Heard, listener: EventManagerServer, executions: list[str]) -> list[dict[str, Any]]:
    """Waits until everything is delivered, then holds what came against what was written; gives what was written."""

    def written() -> list[dict[str, Any]]:
        return heard.rows(EVENTS)

    async def is_delivered() -> bool:
        return {each["state"] for each in await asyncio.to_thread(written)} == {"delivered"}

    await until(is_delivered, seconds=120)
    rows = await asyncio.to_thread(written)
    assert {each["id"] for each in rows} == set(listener.ids)
    assert listener.faults == []
    of_one: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        of_one[row["aggregate"]].append(row["id"])
    place = {id_: number for number, id_ in enumerate(listener.ids)}
    for ids in of_one.values():
        assert [place[id_] for id_ in ids] == sorted(place[id_] for id_ in ids)
    told_once: dict[str, Any] = {}
    for event in listener.events:
        same = {**event, "metadata": {**event["metadata"], "retryCount": 0}}
        assert told_once.setdefault(event["id"], same) == same, "a repeat is the same event"
    assert CANARY not in json.dumps(listener.events, ensure_ascii=False)
    ends = [each for each in rows if each["type"] == "llm_playground.execution.completed"]
    told = [each["payload"]["execution_id"] for each in ends]
    assert len(told) == len(set(told)), "one end has one id"
    assert set(executions) <= set(told)
    return rows


def repeated(listener: EventManagerServer) -> int:
    """Events that came more than once."""
    return len(listener.events) - len(listener.ids)


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


async def is_told_slowly(listener: EventManagerServer, author: Person) -> list[str]:
    """Returns in the middle of a batch, which was taken and is answered seconds later; the ids of the runs."""
    before = len(listener.events)
    listener.pause_after_taking = 6.0
    try:
        ids = await work(author)

        async def is_taken() -> bool:
            return len(listener.events) > before

        await until(is_taken)
    finally:
        listener.pause_after_taking = 0.0
    return ids


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
