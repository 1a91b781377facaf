"""Long calls of `/mcp`: their progress is told to whoever gave a token, and they are ended by who began them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import anyio
import pytest
from mcp import Client, MCPError

from playground.gateway.mcp import streaming
from playground.models import PromptExecution
from tests.cast import Person
from tests.playground.gateway.test_mcp_server import HELLO, connected, token_of
from tests.waiting import until

SLOW = "tokens-64-every-50ms"
ENDLESS = "tokens-2000-every-50ms"


async def of(person: Person, **wanted: Any) -> list[PromptExecution]:
    """A person's runs, the oldest first."""
    assert person.user is not None
    found = PromptExecution.objects.filter(user_id=person.user.id, **wanted).order_by("created_at")
    return [each async for each in found]


async def running(person: Person, count: int = 1) -> list[PromptExecution]:
    """Their runs, once so many go on."""

    async def are_there() -> bool:
        return len(await of(person, status="running")) == count

    await until(are_there)
    return await of(person)


@asynccontextmanager
async def leaving(person: Person) -> AsyncIterator[Client]:
    """The official client, of the wire on which it cancels; an answer that comes while it leaves meets its closed
    stream, about which it complains.
    """
    try:
        async with connected(person, mode="legacy") as client:
            yield client
    except* (anyio.ClosedResourceError, anyio.BrokenResourceError) as late:
        print(f"Answers that came while the client left: {len(late.exceptions)}")


async def followed(client: Client, tool: str, **arguments: Any) -> tuple[Any, list[tuple[float, float | None, str]]]:
    """The result of a call, and what was told of its progress."""
    heard: list[tuple[float, float | None, str]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, total, message or ""))

    return await client.call_tool(tool, arguments, progress_callback=hear), heard


async def test_a_long_run_tells_its_progress(author: Person, provider: str):
    async with connected(author) as client:
        given, heard = await followed(client, "run_prompt", prompt="x", model_id=f"{provider}/{SLOW}")
        assert not given.is_error, given.content
        assert given.structured_content["status"] == "completed"
        assert len(heard) >= 2
        figures = [each[0] for each in heard]
        assert figures == sorted(set(figures))
        assert figures[-1] <= len(given.structured_content["response"]) + 3
        assert {each[1:] for each in heard} <= {(None, "Started"), (None, "The model is answering")}
        # The same client, without a token: JSON as ever.
        assert not (await client.call_tool("run_prompt", {"prompt": "x", "model_id": f"{provider}/echo"})).is_error


async def test_a_comparison_tells_how_many_have_ended(author: Person, provider: str):
    variants = [{"model_id": f"{provider}/{name}"} for name in ("tokens-4-every-50ms", SLOW)]
    async with connected(author) as client:
        given, heard = await followed(client, "compare", prompt="x", variants=variants)
    assert not given.is_error, given.content
    assert [each[:2] for each in heard] == [(1, 2), (2, 2)]


async def test_errors_come_by_the_stream_too(author: Person):
    async with connected(author) as client:
        given, _ = await followed(client, "run_prompt", prompt="x", model_id="nobody/none")
        assert given.is_error
        with pytest.raises(MCPError, match="There is no tool 'nothing'"):
            await followed(client, "nothing")


async def test_a_mistake_of_the_services_ends_the_stream(author: Person, monkeypatch: pytest.MonkeyPatch):
    async def broken(*_: Any) -> Any:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(streaming, "answered", broken)
    streamed: Any = streaming.streamed(None, {}, id=7, token=1, name="")  # type: ignore[arg-type]
    async with asyncio.timeout(5):
        (told,) = [each async for each in streamed.streaming_content]
    body = json.loads(told.partition(b"data: ")[2])
    assert (body["id"], body["error"]["code"]) == (7, -32603)


async def test_a_silent_call_is_kept_open(author: Person, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(streaming, "HEARTBEAT", 0.01)
    messages: streaming.Messages = asyncio.Queue()
    answering = asyncio.create_task(asyncio.sleep(60))
    told = streaming._told(messages, answering)
    assert (await anext(told)).startswith(b":")
    messages.put_nowait({"jsonrpc": "2.0"})
    messages.put_nowait(None)
    assert [each async for each in told if not each.startswith(b":")] == [
        b'event: message\ndata: {"jsonrpc":"2.0"}\n\n'
    ]
    await asyncio.sleep(0)
    assert answering.cancelled()


async def test_who_stops_waiting_ends_the_run(author: Person, provider: str):
    arguments = {"prompt": "x", "model_id": f"{provider}/{ENDLESS}"}
    async with leaving(author) as client:
        calling = asyncio.create_task(client.call_tool("run_prompt", arguments))
        (run,) = await running(author)
        # The official client says `notifications/cancelled` then.
        calling.cancel()
        await asyncio.wait([calling])

        async def is_stopped() -> bool:
            return bool((await author.get(f"/api/executions/{run.id}")).body["status"] == "cancelled")

        await until(is_stopped)


async def test_all_runs_of_a_comparison_are_ended(author: Person, provider: str):
    variant = {"model_id": f"{provider}/{ENDLESS}"}
    async with leaving(author) as client:
        calling = asyncio.create_task(client.call_tool("compare", {"prompt": "x", "variants": [variant, variant]}))
        await running(author, 2)
        calling.cancel()
        await asyncio.wait([calling])

        async def are_stopped() -> bool:
            return len(await of(author, status="cancelled")) == 2

        await until(are_stopped)


async def say(person: Person, message: dict[str, Any], session: str = "") -> aiohttp.ClientResponse:
    """One message, its answer unread."""
    headers = {**person.headers, **({"Mcp-Session-Id": session} if session else {})}
    async with aiohttp.ClientSession(headers=headers) as client:
        return await client.post(f"{person.url}/mcp", json=message)


async def test_nobody_ends_what_another_client_or_person_began(author: Person, stranger: Person, provider: str):
    greeting = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    greeted = await say(author, {**HELLO, "method": "initialize", "params": greeting})
    mine = greeted.headers["Mcp-Session-Id"]
    other = (await say(author, {**HELLO, "method": "initialize", "params": greeting})).headers["Mcp-Session-Id"]
    assert mine != other
    asked = {"name": "run_prompt", "arguments": {"prompt": "x", "model_id": f"{provider}/{ENDLESS}"}}
    calling = asyncio.create_task(say(author, {**HELLO, "id": 7, "method": "tools/call", "params": asked}, mine))
    (run,) = await running(author)
    cancelled = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 7}}
    as_text = {**cancelled, "params": {"requestId": "7"}}
    reader = await token_of(author, "read")
    for person, session, message, status in (
        (author, other, cancelled, 202),
        (author, "", cancelled, 202),
        (author, mine, as_text, 202),
        (author, mine, {**cancelled, "params": {"requestId": True}}, 202),
        (stranger, mine, cancelled, 202),
        (reader, mine, cancelled, 403),
    ):
        assert (await say(person, message, session)).status == status
    assert (await author.get(f"/api/executions/{run.id}")).body["status"] == "running"
    assert (await say(await token_of(author, "execute"), cancelled, mine)).status == 202
    answer = await asyncio.wait_for(calling, 20)
    assert answer.status == 200
    assert (await author.get(f"/api/executions/{run.id}")).body["status"] == "cancelled"


async def test_what_is_not_there_is_said_so(author: Person):
    async with connected(author, mode="legacy") as client:
        assert client.server_capabilities.tools is not None
        assert client.server_capabilities.tools.list_changed is False
    for method in ("GET", "DELETE"):
        assert (await author.call(method, "/mcp")).status == 405
    old = await author.post("/mcp", HELLO, headers={"MCP-Protocol-Version": "2031-02-03"})
    assert old.status == 400
    assert old.body["error"]["data"]["requested"] == "2031-02-03"
    assert (await author.post("/mcp", HELLO)).status == 200


async def test_a_stream_is_given_to_who_reads_one(author: Person, provider: str):
    params = {
        "name": "run_prompt",
        "arguments": {"prompt": "x", "model_id": f"{provider}/echo"},
        "_meta": {"progressToken": "t"},
    }
    call = {**HELLO, "method": "tools/call", "params": params}
    plain = await author.post("/mcp", call, headers={"Accept": "application/json"})
    assert plain.body["result"]["isError"] is False
    async with (
        aiohttp.ClientSession(headers={**author.headers, "Accept": "application/json, text/event-stream"}) as session,
        session.post(f"{author.url}/mcp", json=call) as answer,
    ):
        assert answer.content_type == "text/event-stream"
        last = [line for line in (await answer.text()).splitlines() if line.startswith("data: ")][-1]
    assert json.loads(last.removeprefix("data: "))["result"]["isError"] is False
