"""How long a model is waited for: until its first word, in silence between words, in all."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
import pytest_asyncio

from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.playground.conftest import MakeProvider
from tests.providers.wire_kinds import DONE, END, FIN, begin, line, part, say, stop, whole
from tests.servers.raw_provider import RawProvider

WHOLE = orjson.dumps(
    {
        "id": "c1",
        "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "late"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1},
    }
)
SLOW: dict[str, tuple[list[bytes], bytes]] = {
    "openai": ([part({"content": "late"}), FIN + DONE], whole({"content": "late"})),
    "anthropic": (
        [begin(input_tokens=1), say("late") + stop(output_tokens=1)],
        orjson.dumps({"type": "message", "content": [{"type": "text", "text": "late"}], "stop_reason": "end_turn"}),
    ),
    "ollama": ([line({"content": "late"}), END], END.replace(b'"content":""', b'"content":"late"')),
}
"""By wire, an answer in two pieces, and whole."""


class SlowProvider:
    """A socket that takes every request, counts it, and answers after `seconds`."""

    def __init__(self) -> None:
        self.asked = 0
        self.seconds = 0.0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-len")
        )
        await reader.readexactly(length)
        self.asked += 1
        await asyncio.sleep(self.seconds)
        answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
        writer.write(answer % len(WHOLE) + WHOLE)
        writer.close()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        """Its base URL."""
        async with await asyncio.start_server(self.answer, "127.0.0.1", 0) as server:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"


async def test_an_answer_that_does_not_begin_in_time_is_asked_for_once_and_closes_nothing(
    author: Person, make_provider: MakeProvider
):
    slow = SlowProvider()
    async with slow.listening() as url:
        slug = await in_database_thread(lambda: make_provider("openai", base_url=url, first_byte_seconds=0.2))
        slow.seconds = 1.0
        for asked in range(1, 7):
            answer = await author.execute(f"{slug}/m@{uuid.uuid4().hex[:6]}" if asked < 6 else f"{slug}/m")
            assert (answer.status, answer.body["code"]) == (504, "timeout_first_byte")
            assert slow.asked == asked
        for _ in range(6):
            answer = await author.execute(f"{slug}/m")
            assert answer.body["code"] == "timeout_first_byte"
        slow.seconds = 0.0
        answer = await author.execute(f"{slug}/m")
        assert (answer.status, answer.body["response"]) == (200, "late")
        assert answer.body["metadata"]["attempts"] == 1


@pytest_asyncio.fixture(loop_scope="session")
async def raw() -> AsyncIterator[RawProvider]:
    async with RawProvider() as running:
        yield running


@pytest.mark.parametrize("is_streamed", [True, False])
@pytest.mark.parametrize("wire", SLOW)
async def test_a_model_that_loads_or_thinks_is_waited_for_on_every_wire(
    author: Person, make_provider: MakeProvider, raw: RawProvider, wire: str, is_streamed: bool
):
    """The row's own clock is the ordinary one here: it ends the call once, and without it the call is waited for."""
    url = f"{raw.url}/v1" if wire == "openai" else raw.url
    impatient = await in_database_thread(lambda: make_provider(wire, base_url=url, first_byte_seconds=0.3))
    patient = await in_database_thread(lambda: make_provider(wire, base_url=url))
    pieces, body = SLOW[wire]
    raw.plays(pieces if is_streamed else body, content_type=None, begins_after=1.5)

    async def end_of(slug: str) -> dict[str, Any]:
        if is_streamed:
            found: dict[str, Any] = (await author.events(f"{slug}/m"))[-1].data
            return found
        answer = await author.execute(f"{slug}/m")
        return answer.body if answer.status == 200 else {"error": answer.body, "metadata": {"attempts": 1}}

    late = await end_of(impatient)
    assert (late["error"]["code"], late["metadata"]["attempts"]) == ("timeout_first_byte", 1)
    whole_answer = await end_of(patient)
    assert (whole_answer["status"], whole_answer["response"]) == ("completed", "late")
    assert whole_answer["metadata"]["attempts"] == 1


@pytest.mark.parametrize(("seconds", "ends"), [(0.3, "timeout_idle"), (None, "")])
@pytest.mark.parametrize("wire", SLOW)
async def test_silence_is_borne_on_every_wire(
    author: Person, make_provider: MakeProvider, raw: RawProvider, wire: str, seconds: float | None, ends: str
):
    url = f"{raw.url}/v1" if wire == "openai" else raw.url
    slug = await in_database_thread(lambda: make_provider(wire, base_url=url, idle_seconds=seconds))
    raw.plays(SLOW[wire][0], content_type=None, falls_silent=1.5)
    end = (await author.events(f"{slug}/m"))[-1].data
    assert ((end["error"] or {}).get("code", ""), end["metadata"]["attempts"]) == (ends, 1)
    assert ends or end["response"] == "late"


async def test_the_runs_own_time_governs(author: Person, make_provider: MakeProvider):
    slow = SlowProvider()
    slow.seconds = 1.6
    async with slow.listening() as url:
        slug = await in_database_thread(lambda: make_provider("openai", base_url=url))
        answer = await author.execute(f"{slug}/m", parameters={"timeout": 1})
        assert (answer.status, answer.body["code"], slow.asked) == (504, "timeout_total", 1)
        answer = await author.execute(f"{slug}/m", parameters={"timeout": 20})
        assert (answer.status, answer.body["response"], slow.asked) == (200, "late", 2)


@pytest.mark.parametrize(("seconds", "ends"), [(0.2, "timeout_idle"), (None, "")])
async def test_silence_within_an_answer_is_borne_as_long_as_the_provider_is_allowed(
    author: Person, make_provider: MakeProvider, seconds: float | None, ends: str
):
    said = [b'{"role":"assistant","content":""}', b'{"content":"x"}']
    frames = [
        b'data: {"id":"c1","choices":[{"index":0,"delta":%b,"finish_reason":null}]}\n\n' % delta for delta in said
    ]
    last = b'data: {"id":"c1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" + frames[0])
        await asyncio.sleep(1.5)
        writer.write(frames[1] + last)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        slug = await in_database_thread(lambda: make_provider("openai", base_url=url, idle_seconds=seconds))
        end = (await author.events(f"{slug}/m"))[-1].data
    assert (end["error"] or {}).get("code", "") == ends
    assert end["response"] == ("" if ends else "x")
    assert end["metadata"]["attempts"] == 1
