"""T48: half a request holds no connection for ever, and what the service is still sending is never cut."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest

from tests.cast import Person
from tests.servers.service import Service, Web

HEAD, IDLE, BODY = 1.0, 1.0, 3.0
GENEROUS = 60.0
"""Seconds, on a busy machine, within which a connection that is too late must be closed."""


@pytest.fixture
async def hurried(service: Service) -> AsyncIterator[Web]:
    """A web process with short clocks."""
    clocks = {"REQUEST_HEAD_SECONDS": HEAD, "REQUEST_IDLE_SECONDS": IDLE, "REQUEST_BODY_SECONDS": BODY}
    environment = {**service.environment, **{name: str(seconds) for name, seconds in clocks.items()}}
    process = await asyncio.to_thread(Web, environment)
    yield process
    await asyncio.to_thread(process.stop)


def head(person: Person, length: int) -> bytes:
    """The head of a request with a body of this length."""
    return (
        f"POST /api/sessions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {person.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


async def sent_slowly(web: Web, start: bytes, drop: bytes, *, every: float) -> bytes:
    """What comes back to a client that sends `start`, and then `drop` again and again until it is cut off."""
    reader, writer = await asyncio.open_connection("127.0.0.1", web.port)

    async def drip() -> None:
        while drop:
            await asyncio.sleep(every)
            writer.write(drop)
            await writer.drain()

    writer.write(start)
    dripping = asyncio.create_task(drip())
    try:
        async with asyncio.timeout(GENEROUS):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        dripping.cancel()
        await asyncio.gather(dripping, return_exceptions=True)
        writer.close()


SLOW: dict[str, Callable[[Person], tuple[bytes, bytes, float]]] = {
    "nothing": lambda person: (b"", b"", 0),
    "half a line": lambda person: (b"GET / HT", b"", 0),
    "half a head": lambda person: (b"GET / HTTP/1.1\r\nHost: x\r\n", b"", 0),
    "a head drop by drop": lambda person: (b"GET / HTTP/1.1\r\n", b"X-A: b\r\n", 0.2),
    "a head without its body": lambda person: (head(person, 100), b"", 0),
    "half a body": lambda person: (head(person, 100) + b'{"name":', b"", 0),
    "a body drop by drop": lambda person: (head(person, 1_000_000) + b'{"name": "', b"a", 0.2),
    "chunks without an end": lambda person: (
        head(person, 1).replace(b"Content-Length: 1", b"Transfer-Encoding: chunked"), b"1\r\na\r\n", 0.2,
    ),
    "a second request's half": lambda person: (
        b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET /health/live HTTP/1.1\r\n", b"X-A: b\r\n", 0.2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", SLOW)
async def test_t48_what_does_not_come_is_not_waited_for(author: Person, hurried: Web, how: str):
    start, drop, every = SLOW[how](author)
    said = await sent_slowly(hurried, start, drop, every=every)
    assert said == b"" or said.split(b" ")[1] in (b"408", b"200"), said[:200]


async def test_t48_hundreds_of_half_requests_go_and_the_service_answers(author: Person, hurried: Web):
    connections = [await asyncio.open_connection("127.0.0.1", hurried.port) for _ in range(300)]
    for number, (_, writer) in enumerate(connections):
        writer.write(head(author, 100) if number % 2 else b"GET / HTTP/1.1\r\nHost: x\r\n")
    assert (await author.at(hurried.url).get("/api/auth/me")).status == 200
    async with asyncio.timeout(2 * GENEROUS):
        await asyncio.gather(*(reader.read() for reader, _ in connections), return_exceptions=True)
    for _, writer in connections:
        writer.close()


async def test_t48_a_body_that_comes_is_taken_however_it_is_cut(author: Person, hurried: Web):
    body = b'{"name": "slow but steady"}'
    reader, writer = await asyncio.open_connection("127.0.0.1", hurried.port)
    writer.write(head(author, len(body)))
    for part in (body[:5], body[5:10], body[10:]):
        await asyncio.sleep(IDLE / 2)
        writer.write(part)
    async with asyncio.timeout(GENEROUS):
        assert (await reader.readline()).split()[1] == b"201"
    writer.close()


async def test_t48_what_the_service_still_sends_is_not_cut(author: Person, provider: str, hurried: Web):
    person = author.at(hurried.url)
    started = time.monotonic()
    events = await person.events(f"{provider}/tokens-150-every-30ms")
    assert time.monotonic() - started > max(HEAD, IDLE, BODY)
    assert events[-1].kind == "completed"
    path = f"{hurried.url}/ws/executions/{events[-1].data['id']}"
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(path, headers=person.headers, autoclose=False) as socket,
    ):
        assert (await socket.receive_json())["event"] == "started"
    slow = await person.execute(f"{provider}/tokens-150-every-30ms")
    assert slow.status == 200
