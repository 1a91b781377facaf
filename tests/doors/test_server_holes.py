"""T36: bytes that no client library would send, and frames that no page would."""

from __future__ import annotations

import asyncio
import contextlib
import time
from urllib.parse import urlsplit

import aiohttp
import pytest

from tests.cast import Person
from tests.doors.browser import Browser
from tests.doors.raw import raw_answer
from tests.waiting import PATIENCE

LONG = "tokens-300-every-30ms"


async def test_t36_a_large_frame_closes_the_socket(author: Person, provider: str):
    async with author.streaming(f"{provider}/{LONG}") as stream:
        started = await anext(aiter(stream))
        path = f"{author.url}/ws/executions/{started.data['execution_id']}"
        async with aiohttp.ClientSession() as session, session.ws_connect(path, headers=author.headers) as socket:
            # It may be closed while the frame is still being sent.
            with contextlib.suppress(ConnectionError):
                await socket.send_str("a" * (2 * 2**20))
            async with asyncio.timeout(PATIENCE):
                async for _ in socket:
                    pass
            assert socket.closed
            assert socket.close_code in (1009, 1006)
        await author.post(f"/api/executions/{started.data['execution_id']}/cancel")


async def test_t36_small_frames_are_passed_over(author: Person, provider: str):
    made = (await author.events(f"{provider}/tokens-12-every-30ms"))[0].data["execution_id"]
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{author.url}/ws/executions/{made}", headers=author.headers) as socket,
    ):
        for said in ("", "{", '{"type": "websocket.disconnect"}', "x" * 1000):
            await socket.send_str(said)
        await socket.send_bytes(b"\x00\xff")
        assert [message.json()["event"] async for message in socket][-1] == "completed"


@pytest.mark.parametrize("door", ["/api/models", "/health/live", "/login"])
async def test_t36_ten_thousand_equal_headers_are_refused_quickly(author: Person, door: str):
    started = time.monotonic()
    lines = "".join(f"X-A: {number}\r\n" for number in range(10_000))
    said = await raw_answer(author.url, f"GET {door} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n".encode())
    assert b" 431 " in said.split(b"\r\n")[0], said[:200]
    assert time.monotonic() - started < 30
    assert (await author.get("/api/auth/me")).status == 200


@pytest.mark.parametrize(
    "lines",
    [
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Content-Length: -1",
        "Content-Length: 1e3",
        "Content-Length: 99999999999999999999999",
        "Transfer-Encoding: chunked, identity",
        "X-A\x0b: 1",
        "X-A: a\x00b",
        "X A: 1",
        ": 1",
        "X-A: " + "a" * 200_000,
    ],
)
async def test_t36_a_head_that_means_two_things_is_refused(author: Person, lines: str):
    head = f"POST /api/prompts/execute HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {author.token}\r\n"
    head += f"Content-Type: application/json\r\n{lines}\r\nConnection: close\r\n\r\n"
    smuggled = b"GET /api/auth/me HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    said = await raw_answer(author.url, head.encode("latin-1") + smuggled)
    assert b" 200 " not in said
    assert said == b"" or b" 4" in said.split(b"\r\n")[0], said[:200]
    assert said.count(b"HTTP/1.1 ") <= 1


async def test_t36_an_origin_cannot_be_smuggled_into_a_socket(author: Person, browser: Browser, provider: str):
    made = (await author.execute(f"{provider}/echo")).body
    for separator in ("\x0b", "\x1c", "\x85", "\x0c"):
        head = (
            f"GET /ws/executions/{made['id']} HTTP/1.1\r\nHost: {urlsplit(author.url).netloc}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nCookie: {browser.cookie_header['Cookie']}\r\n"
            f"Origin: https://evil.example.org\r\nX-A: b{separator}Origin: {author.url}\r\n\r\n"
        )
        said = await raw_answer(author.url, head.encode("latin-1"))
        assert b" 101 " not in said
