"""A process that dies while a tool works for it: its run is ended, and goes on where somebody says so."""

from __future__ import annotations

import asyncio
import signal
import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from foundation.database.threads import in_database_thread
from playground.models import HttpTool
from tests.cast import Person
from tests.playground.conftest import Ledger
from tests.playground.tools.test_rounds import compute, script
from tests.servers.service import Service, Web
from tests.servers.webhook_sink import WebhookSink
from tests.waiting import until


@pytest.fixture
def doomed_web(service: Service) -> Iterator[Web]:
    """A process to be killed."""
    web = Web(service.environment)
    yield web
    web.stop()


@pytest.fixture
def sink() -> Iterator[WebhookSink]:
    """What stands behind the tool, which answers when its gate is opened."""
    with WebhookSink() as server:
        server.gate = threading.Event()
        yield server
        server.gate.set()


@pytest.fixture
def row(transactional_db: None, sink: WebhookSink) -> Iterator[HttpTool]:
    """The tool."""
    made = HttpTool.objects.create(
        name=f"act_{uuid.uuid4().hex[:8]}",
        description="Takes its time.",
        parameters={"type": "object", "properties": {}},
        method="POST",
        url=sink.url,
        needs_approval=False,
        allow_private_address=True,
    )
    yield made
    made.delete()


async def test_f15_a_process_killed_while_a_tool_works_leaves_a_run_that_goes_on(
    author: Person, provider: str, ledger: Ledger, doomed_web: Web, sink: WebhookSink, row: HttpTool
):
    model = f"tool-script@{uuid.uuid4().hex[:10]}"
    rounds = script([compute("6 * 7")], [[row.name, {}]])
    seen: list[Any] = []
    async with author.at(doomed_web.url).streaming(
        f"{provider}/{model}", rounds, tools=["calculator", row.name]
    ) as stream:
        async for event in stream:
            seen.append(event)
            if event.kind == "tool_call" and event.data["tool_name"] == row.name:
                break
        await until(lambda: asyncio.to_thread(lambda: sink.is_asked))
        await asyncio.to_thread(doomed_web.restart, signal.SIGKILL)
    path = f"/api/executions/{seen[0].data['execution_id']}"

    async def is_ended() -> dict[str, Any] | None:
        body: dict[str, Any] = (await author.get(path)).body
        return body if body["status"] != "running" else None

    body = await until(is_ended)
    assert (body["status"], body["error"]["code"]) == ("failed", "interrupted")
    assert [(call["tool_name"], call["status"]) for call in body["tool_executions"]] == [
        ("calculator", "completed"),
        (row.name, "requested"),
    ]
    # Whether the tool had done its work, nobody can know: its caller says what it came to.
    refused = await author.post(f"{path}/resume", {})
    assert (refused.status, refused.body["errors"][0]["code"]) == (400, "missing"), refused.body
    waiting = body["tool_executions"][1]["id"]
    went_on = (await author.post(f"{path}/resume", {"results": [{"id": waiting, "result": "done"}]})).body
    assert went_on["status"] == "completed", went_on
    assert went_on["response"] == "The tool said: done"
    # What the rounds before had come to was not asked for again.
    assert len(await ledger.calls(model)) == 3


async def test_f15_one_that_is_left_alone_is_ended_once(
    author: Person, provider: str, doomed_web: Web, sink: WebhookSink, row: HttpTool
):
    async with author.at(doomed_web.url).streaming(
        f"{provider}/tool-script", script([[row.name, {}]]), tools=[row.name]
    ) as stream:
        started = await anext(aiter(stream))
        await until(lambda: asyncio.to_thread(lambda: sink.is_asked))
        await asyncio.to_thread(doomed_web.restart, signal.SIGKILL)
    path = f"/api/executions/{started.data['execution_id']}"
    sink.gate.set()  # type: ignore[union-attr]  # of this fixture it is one

    async def is_ended() -> bool:
        return bool((await author.get(path)).body["status"] == "failed")

    await until(is_ended)
    assert len(sink.calls) <= 1
    assert await in_database_thread(HttpTool.objects.filter(id=row.id).exists)
