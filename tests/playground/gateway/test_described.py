"""What the vendors' doors answer is what the OpenAPI document says of them: whole, event by event, and refused."""

from __future__ import annotations

import json
import uuid
from typing import Any

import aiohttp
import pytest

from tests.cast import Answer, Person
from tests.doors.test_described_answers import answer_of
from tests.doors.test_schema import faults, looked_up, schema
from tests.playground.gateway.test_chat import WEATHER
from tests.playground.gateway.test_leave import waiting
from tests.playground.gateway.test_messages import WEATHER as THEIR_WEATHER
from tests.playground.gateway.test_refusals import CHAT, COUNT, DOORS, MESSAGES, RESPONSES, body_of
from tests.playground.gateway.test_responses import TOOL
from tests.playground.gateway.test_traces import CALL, PROTOBUF, as_json

__all__ = ["schema"]

TOOLS: dict[str, Any] = {CHAT: WEATHER, RESPONSES: TOOL, MESSAGES: THEIR_WEATHER}
BERN = '{"city": "Bern"}'
EVENTS = {
    CHAT: {"data"},
    RESPONSES: {
        "response.created", "response.in_progress", "response.completed", "response.incomplete", "response.failed",
        "response.output_item.added", "response.output_item.done", "response.content_part.added",
        "response.content_part.done", "response.output_text.delta", "response.output_text.done",
        "response.refusal.delta", "response.refusal.done", "response.reasoning_text.delta",
        "response.reasoning_text.done", "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
    },
    MESSAGES: {
        "message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta",
        "message_stop", "error",
    },
}  # fmt: skip
"""Every event that a door says; pings come after 15 seconds of silence only."""
MCP: list[tuple[Any, int]] = [
    ({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18"}}, 200),
    ({"jsonrpc": "2.0", "id": "a", "method": "tools/list"}, 200),
    ({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "list_templates"}}, 200),
    ({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "get_template", "arguments": {}}}, 200),
    ({"jsonrpc": "2.0", "id": 2, "method": "no/such"}, 200),
    ({"jsonrpc": "2.0", "method": "notifications/initialized"}, 202),
    ({"jsonrpc": "1.0"}, 400),
]


def misfits(schema: dict[str, Any], path: str, answer: Answer, *, method: str = "post") -> list[str]:
    """Where an answer is not as it is described; it must be described."""
    route = path
    for door in ("/v1/models/", "/v1/responses/"):
        if path.startswith(door):
            route = door + {"/v1/models/": "{model_id}", "/v1/responses/": "{response_id}"}[door]
    content = answer_of(schema, route, method, answer.status)["content"]
    kind = answer.headers["Content-Type"].partition(";")[0]
    return list(faults(schema, content[kind]["schema"], answer.body))


async def streamed(person: Person, path: str, body: dict[str, Any]) -> list[tuple[str, Any]]:
    """The events of a stream: name, data."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(person.url + path, json={**body, "stream": True}, headers=person.headers) as response,
    ):
        assert response.status == 200
        assert response.content_type == "text/event-stream"
        text = await response.text()
    found = []
    for block in text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        if fields["data"] != "[DONE]":
            found.append((fields.get("event", "data"), json.loads(fields["data"])))
    return found


def shapes_of(schema: dict[str, Any], path: str) -> dict[str, Any]:
    """The schema of each event's data, by the event's name."""
    told = answer_of(schema, path, "post", 200)["content"]["text/event-stream"]["schema"]
    told = looked_up(schema, told)
    return {
        each.get("title", "data"): each["properties"]["data"]["contentSchema"] for each in told.get("anyOf", [told])
    }


async def asked(author: Person, provider: str, path: str) -> list[dict[str, Any]]:
    """Requests for every kind of answer."""
    said = {"input": BERN} if path == RESPONSES else {"messages": [{"role": "user", "content": BERN}]}
    more = {"stream_options": {"include_usage": True}} if path == CHAT else {}
    models = ("echo", "reasoning", "length")
    return [
        *(body_of(path, f"{provider}/{model}", **more) for model in models),
        {**body_of(path, f"{provider}/tool-call", tools=[TOOLS[path]]), **said},
    ]


@pytest.mark.parametrize("path", DOORS)
async def test_answers_are_as_described(author: Person, provider: str, schema: dict[str, Any], path: str):
    shapes, seen = shapes_of(schema, path), set()
    assert shapes.keys() - {"ping"} == EVENTS[path]
    async with waiting(author, provider, "https://example.com/weather") as (template, _):
        bodies = [*await asked(author, provider, path), body_of(path, template)]
        for body in bodies:
            answer = await author.post(path, body)
            assert answer.status == 200, answer.body
            assert misfits(schema, path, answer) == [], body
        bodies.append(body_of(path, f"{provider}/fault-cut-at-5"))
        for body in bodies:
            for name, data in await streamed(author, path, body):
                seen.add(name)
                assert list(faults(schema, shapes[name], data)) == [], (body, data)
    assert seen == EVENTS[path]


@pytest.mark.parametrize("path", [*DOORS, COUNT])
async def test_refusals_are_as_described(
    author: Person, anonymous: Person, provider: str, schema: dict[str, Any], path: str
):
    key = {"Idempotency-Key": uuid.uuid4().hex}
    echo = body_of(path, f"{provider}/echo")
    answers = [
        await author.post(path, body_of(path, f"{provider}/echo", no_such_field=1)),
        await author.post(path, body_of(path, "nobody/none")),
        await anonymous.post(path, echo),
        await author.call("POST", path, data=b'{"model": "' + b"x" * (9 << 20) + b'"}'),
    ]
    statuses = [400, 404, 401, 413]
    if path != COUNT:
        assert (await author.post(path, echo, headers=key)).status == 200
        answers += [
            await author.post(path, body_of(path, f"{provider}/echo", temperature=0.5), headers=key),
            await author.post(path, body_of(path, f"{provider}/fault-500")),
            await author.post(path, body_of(path, f"{provider}/fault-429-spend-cap")),
        ]
        statuses += [422, 502, 503]
    assert [answer.status for answer in answers] == statuses
    for answer in answers:
        assert misfits(schema, path, answer) == []


async def test_what_is_looked_up_is_as_described(author: Person, provider: str, schema: dict[str, Any]):
    made = (await author.post(RESPONSES, body_of(RESPONSES, f"{provider}/echo"))).body["id"]
    for path, status in (
        ("/v1/models", 200), ("/v1/models/openai/echo", 200), ("/v1/models/nobody/none", 404),
        (f"/v1/responses/{made}", 200), ("/v1/responses/none", 404),
    ):  # fmt: skip
        for headers in ({}, {"anthropic-version": "2023-06-01"}):
            answer = await author.get(path, headers=headers)
            assert answer.status == status, answer.body
            assert misfits(schema, path, answer, method="get") == [], path
    counted = await author.post(COUNT, body_of(COUNT, f"{provider}/echo"))
    assert counted.status == 200
    assert misfits(schema, COUNT, counted) == []


async def test_traces_and_mcp_are_as_described(author: Person, anonymous: Person, schema: dict[str, Any]):
    odd = {
        "resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "x", "attributes": as_json(CALL)["resourceSpans"]}]}]}]
    }
    for answer, status in (
        (await author.post("/v1/traces", as_json(CALL)), 200),
        (await author.post("/v1/traces", odd), 200),
        (await author.post("/v1/traces", []), 400),
        (await anonymous.post("/v1/traces", {}), 401),
        (await author.post("/v1/traces", {}, headers={"Content-Type": "text/plain"}), 415),
    ):
        assert answer.status == status, answer.body
        assert misfits(schema, "/v1/traces", answer) == []
    taken = answer_of(schema, "/v1/traces", "post", 200)["content"]
    assert (await author.call("POST", "/v1/traces", data=b"", headers={"Content-Type": PROTOBUF})).status == 200
    assert taken.keys() == {"application/json", PROTOBUF}
    for message, status in MCP:
        answer = await author.post("/mcp", message)
        assert answer.status == status, answer.body
        if status == 202:
            assert answer.body is None
            assert "content" not in answer_of(schema, "/mcp", "post", 202)
        else:
            assert misfits(schema, "/mcp", answer) == [], message
    assert misfits(schema, "/mcp", await anonymous.post("/mcp", MCP[0][0])) == []
