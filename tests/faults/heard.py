"""A whole installation that tells an EventManager, work for it, and what must hold once everything was told."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from typing import Any, Final, Self
from urllib.parse import urlsplit

import psutil

from tests.cast import Person
from tests.faults.conftest import Ground
from tests.servers.embedded import EmbeddedServers
from tests.servers.event_manager import EventManagerServer
from tests.servers.supervised import SupervisedService
from tests.waiting import until

CANARY: Final = "kanarienvogel-9b3d"
"""In each prompt, and so in each answer of the echo."""
AT_ONCE: Final = 6
SOME: Final = 12
"""Runs of a stretch of load."""
EVENTS: Final = """
SELECT d.event_id::text AS id, d.aggregate, d.state, e.type, e.payload
FROM event_deliveries d JOIN events e ON e.id = d.event_id WHERE d.destination_id = 'event_manager' ORDER BY d.id
"""


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
