"""T09, T10, T40, F40, F41: nothing leaks: no key, no prompt, no descriptor, no memory, and nobody else's answer."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest
from django.conf import settings
from redis.asyncio import Redis

from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.playground.conftest import MakeProvider
from tests.servers.service import Service, Web
from tests.waiting import until

PROMPT, CONTEXT, KEY = "canary-prompt-7c1e", "canary-context-51d0", "zq7-canary-key-93af-b2"
CANARIES = (PROMPT, CONTEXT, KEY)
TOOL = {"name": "t", "parameters": {"type": "object", "properties": {"said": {"type": "string"}}}}
FAULTS = (
    "fault-401", "fault-400", "fault-500", "fault-404-model", "fault-html", "fault-garbage", "fault-cut-at-5",
    "fault-429-spend-cap", "fault-error-in-200", "fault-redirect", "fault-wrong-types",
)  # fmt: skip


def forms(canary: str) -> list[bytes]:
    """How a text would look in a dump: as it is, in hexadecimal, in base64's middle, as UTF-16."""
    return [canary.encode(), canary.encode().hex().encode(), canary.encode("utf-16-le")]


def found_in(text: bytes, where: str, canaries: Sequence[str] = CANARIES) -> list[str]:
    """Which canaries a text holds."""
    return [f"{canary} in {where}" for canary in canaries for form in forms(canary) if form in text]


def database_hits(url: str, canaries: Sequence[str] = CANARIES) -> Iterator[str]:
    """Canaries in any row of any table."""
    with psycopg.connect(url, autocommit=True) as connection:
        tables = connection.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        for (table,) in tables.fetchall():
            for (row,) in connection.execute(f'SELECT t::text FROM "{table}" t').fetchall():
                yield from found_in(row.encode(), table, canaries)


async def valkey_hits(url: str, canaries: Sequence[str] = CANARIES) -> list[str]:
    """Canaries in any key or value."""
    hits = []
    async with Redis.from_url(url) as redis:
        async for key in redis.scan_iter(count=1000):
            hits += found_in(key, "a key", canaries)
            hits += found_in(repr(await _value(redis, key)).encode(), key.decode(), canaries)
    return hits


async def _value(redis: Redis, key: bytes) -> Any:
    kind: Any = await redis.type(key)
    match kind.decode():
        case "stream":
            return await redis.xrange(key)
        case "hash":
            return await redis.hgetall(key)
        case "list":
            return await redis.lrange(key, 0, -1)
        case "set":
            return await redis.smembers(key)
        case "zset":
            return await redis.zrange(key, 0, -1, withscores=True)
        case _:
            return await redis.get(key)


def file_hits(folder: Path, canaries: Sequence[str] = CANARIES) -> list[str]:
    """Canaries in any file of the data folder, the servers' own files and logs included."""
    hits = []
    for file in folder.rglob("*"):
        if file.is_file() and file.stat().st_size < 2**28:
            hits += found_in(file.read_bytes(), str(file.relative_to(folder)), canaries)
    return hits


async def test_t09_t10_no_key_and_no_prompt_is_anywhere_in_clear(
    author: Person, make_provider: MakeProvider, service: Service, capfd: pytest.CaptureFixture[str]
):
    # A process started here writes its log where this test can read it.
    web = await asyncio.to_thread(Web, service.environment)
    person = author.at(web.url)
    seen: list[bytes] = []
    try:
        for wire in ("openai", "anthropic", "ollama"):
            slug = await in_database_thread(make_provider, wire, credentials={"api_key": KEY})
            more: dict[str, Any] = {"system_prompt": PROMPT, "context": {CONTEXT: CONTEXT}}
            answers = [
                await person.execute(f"{slug}/echo", PROMPT, parameters={"temperature": 0}, **more),
                await person.execute(f"{slug}/reasoning", PROMPT, **more),
                await person.execute(f"{slug}/tool-call", PROMPT, tools=[TOOL], **more),
            ]
            assert [answer.status for answer in answers] == [200] * 3, (wire, answers[2].body)
            for fault in FAULTS if wire == "openai" else FAULTS[:1]:
                failing = await in_database_thread(make_provider, wire, credentials={"api_key": KEY})
                events = await person.events(f"{failing}/{fault}", PROMPT, parameters={"timeout": 2}, **more)
                problem = await person.execute(f"{failing}/{fault}", PROMPT, parameters={"timeout": 2}, **more)
                seen.append(repr((events[-1].data["error"], problem.body)).encode())
        refused = await person.execute("nobody-here/x", PROMPT, parameters={"temperature": 9}, **more)
        seen.append(repr(refused.body).encode())
        for path in ("/health", "/api/providers/status", "/api/models", "/api/schema"):
            seen.append(repr((await person.get(path)).body).encode())
        hits = [hit for text in seen for hit in found_in(text, "an answer")]
        hits += await asyncio.to_thread(lambda: list(database_hits(service.environment["DATABASE_URL"])))
        hits += await valkey_hits(service.environment["REDIS_URL"])
    finally:
        await asyncio.to_thread(web.stop)
    hits += await asyncio.to_thread(file_hits, settings.DATA_DIR)
    log = "".join(capfd.readouterr())
    assert hits + found_in(log.encode(), "the log") == []


async def test_t10_the_search_would_find_what_is_in_clear(
    author: Person, make_provider: MakeProvider, service: Service
):
    slug = await in_database_thread(make_provider)
    await author.execute(f"{slug}/echo", metadata={"tags": [PROMPT]})  # tags are kept in clear, as documented
    hits = await asyncio.to_thread(lambda: list(database_hits(service.environment["DATABASE_URL"])))
    assert hits == [f"{PROMPT} in prompt_executions"]
    async with Redis.from_url(service.environment["REDIS_URL"]) as redis:
        await redis.set("planted", KEY, ex=60)
        assert await valkey_hits(service.environment["REDIS_URL"]) == [f"{KEY} in planted"]
        await redis.delete("planted")


async def test_t40_dropped_calls_mix_nobody_up(author: Person, stranger: Person, provider: str):
    people = {str(person.user and person.user.id): person for person in (author, stranger)}
    chance = random.Random(40)

    async def dropped(person: Person) -> None:
        try:
            async with asyncio.timeout(chance.uniform(0.001, 0.1)):
                await person.events(f"{provider}/tokens-32")
        except TimeoutError:
            return

    async def looked(identifier: str, person: Person) -> None:
        said = (await person.get("/api/auth/me")).body
        assert said["id"] == identifier
        words = f"words of {identifier} {uuid.uuid4()}"
        answer = await person.execute(f"{provider}/echo", words)
        assert answer.status == 200, answer
        body = answer.body
        assert (body["user_id"], body["response"]) == (identifier, words)
        assert (await person.get(f"/api/executions/{body['id']}")).body == body

    for _ in range(5):
        await asyncio.gather(
            *(dropped(person) for person in people.values() for _ in range(12)),
            *(looked(identifier, person) for identifier, person in people.items() for _ in range(4)),
        )


@pytest.mark.parametrize("load", ["floods", "deep bodies", "first models"])
async def test_f40_the_process_answers_while_it_works(
    author: Person, make_provider: MakeProvider, service: Service, load: str
):
    slug = await in_database_thread(make_provider)
    bomb = b'{"context":' + b"[" * 2_000_000

    async def work() -> None:
        if load == "floods":
            await asyncio.gather(
                *(author.events(f"{slug}/fault-flood@{n}", parameters={"timeout": 5}) for n in range(2))
            )
        elif load == "deep bodies":
            await asyncio.gather(*(author.post("/api/prompts/execute", data=bomb) for _ in range(6)))
        else:
            await asyncio.gather(*(author.get("/api/models?page_size=200") for _ in range(10)))

    working = asyncio.create_task(work())
    slowest = 0.0
    while not working.done():
        started = time.monotonic()
        assert (await author.get("/health/live")).status == 200
        slowest = max(slowest, time.monotonic() - started)
        await asyncio.sleep(0.02)
    await working
    assert slowest < 3.0  # on a busy machine too


async def test_f41_aborted_streams_leave_nothing_behind(author: Person, provider: str, service: Service):
    process, provider_port = psutil.Process(service.pid), urlsplit(service.simulator.url).port

    def descriptors() -> int:
        """Open ones, without the connections to the provider that are kept for half a minute."""
        kept = [each for each in process.net_connections("tcp") if each.raddr and each.raddr.port == provider_port]
        return int(process.num_fds() - len(kept))

    async def abort(number: int) -> None:
        async with author.streaming(f"{provider}/tokens-20-every-30ms@{number}") as stream:
            async for _ in stream:
                break

    async def abort_many(count: int) -> None:
        for first in range(0, count, 25):
            await asyncio.gather(*(abort(number) for number in range(first, first + 25)))

    await abort_many(150)
    await until(lambda: _is_quiet(author))
    base_files, base_memory, base_threads = descriptors(), process.memory_info().rss, process.num_threads()
    await abort_many(300)
    await until(lambda: _is_quiet(author))

    async def is_back() -> bool:
        return descriptors() <= base_files + 5

    await until(is_back)
    assert process.num_threads() <= base_threads + 2
    assert process.memory_info().rss <= base_memory * 1.10


async def _is_quiet(author: Person) -> bool:
    """Whether every run has ended."""
    from playground.models import PromptExecution

    return not await in_database_thread(PromptExecution.objects.unfinished().exists)
