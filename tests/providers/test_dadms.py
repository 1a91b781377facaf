"""DADMS's LLM Service: how a conversation becomes its one prompt, and what its listing may look like."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest

from foundation.database.threads import in_database_thread
from providers.base import Message, ProviderRequest
from providers.errors import Code, ProviderFailure
from providers.http.transport import Transport
from providers.wires.dadms import DADMSAdapter
from providers.wires.dadms.mapping import body_of, prompt_of
from tests.cast import Person, new_user
from tests.providers.questions import PATIENT
from tests.servers.provider_simulator import ProviderSimulator
from tests.servers.raw_provider import RawProvider
from tests.servers.service import Service, Web

CALL = {"id": "c1", "function": {"name": "clock", "arguments": '{"zone": "UTC"}'}}


@pytest.mark.parametrize(
    ("messages", "prompt"),
    [
        ([("user", "Hello\n\nthere ")], "Hello\n\nthere "),
        ([("system", "Be brief."), ("user", "Hello")], "Be brief.\n\nHello"),
        (
            [("system", "Be brief."), ("user", "One?"), ("assistant", "Two."), ("user", "Three?")],
            "Be brief.\n\nUser: One?\n\nAssistant: Two.\n\nUser: Three?\n\nAssistant:",
        ),
        ([("user", [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}])], "ab"),
    ],
)
def test_a_conversation_is_one_prompt(messages: list[tuple[str, Any]], prompt: str):
    assert prompt_of([{"role": role, "content": content} for role, content in messages]) == prompt


def test_calls_of_tools_are_turns():
    turns: list[Message] = [
        {"role": "user", "content": "What time is it?"},
        {"role": "assistant", "content": "", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "c1", "content": "noon"},
    ]
    assert prompt_of(turns) == (
        'User: What time is it?\n\nAssistant: [calls clock with {"zone": "UTC"}]\n\nTool clock: noon\n\nAssistant:'
    )


def test_parameters_have_the_contracts_names():
    given = {"temperature": 0.5, "top_p": 0.9, "max_tokens": 5, "stop_sequences": ["x"], "seed": 7}
    tools = [{"name": "clock", "description": "The time"}]
    body = body_of(ProviderRequest("m", [{"role": "user", "content": "a"}], given, tools, is_streamed=False))
    assert body == {
        "model": "m", "stream": False, "prompt": "a", "temperature": 0.5, "top_p": 0.9, "max_tokens": 5, "stop": ["x"],
        "tools": [{"name": "clock", "description": "The time", "parameters": {"type": "object", "properties": {}}}],
    }  # fmt: skip


def test_pictures_are_refused_before_anything_is_sent():
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    with pytest.raises(ProviderFailure) as raised:
        prompt_of([{"role": "user", "content": [picture]}])
    assert raised.value.code is Code.PROVIDER_REFUSED


@pytest.mark.parametrize(
    ("page", "names"),
    [
        (["a", "b"], ["a", "b"]),
        ([{"id": "a"}, {"name": "b"}], ["a", "b"]),
        ({"models": [{"model": "a", "maxTokens": 9}, 7, {}, ""]}, ["a"]),
        ({"success": True, "data": {"models": ["a"]}}, ["a"]),
        ({"data": []}, []),
    ],
)
async def test_a_listing_may_have_any_of_these_shapes(
    raw: RawProvider, transport: Transport, page: Any, names: list[str]
):
    raw.plays(orjson.dumps(page), content_type="application/json")
    found = await DADMSAdapter(transport, base_url=raw.url).list_models(timeouts=PATIENT)
    assert [model.name for model in found] == names


@pytest.mark.parametrize("page", [{}, 7, {"models": "a"}, {"data": {"x": 1}}])
async def test_a_listing_of_another_shape_is_malformed(raw: RawProvider, transport: Transport, page: Any):
    raw.plays(orjson.dumps(page), content_type="application/json")
    with pytest.raises(ProviderFailure) as raised:
        await DADMSAdapter(transport, base_url=raw.url).list_models(timeouts=PATIENT)
    assert raised.value.code is Code.MALFORMED_RESPONSE


async def test_it_is_a_provider_like_any_other(
    running_service: Service, service: Service, simulator: ProviderSimulator
):
    added = {"LLM_SERVICE_URL": simulator.url, "SERVICE_TOKEN": "ours-for-services"}
    web = await asyncio.to_thread(Web, running_service.environment | added)
    try:
        person = Person(web.url, await in_database_thread(new_user))
        answer = await person.post("/api/prompts/execute", {"model_id": "dadms/echo", "prompt": "well met"})
        statuses = (await person.get("/api/providers/status")).body["results"]
    finally:
        await asyncio.to_thread(web.stop)
    assert (answer.status, answer.body["response"]) == (200, "well met")
    assert answer.body["metadata"]["price_known"] is False
    asked = [each for each in simulator.requests() if each["target"] == "/llm/generate"][-1]
    assert asked["headers"]["authorization"] == "Bearer ours-for-services"
    assert "dadms" in {row["provider"] for row in statuses}
