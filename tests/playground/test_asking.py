"""What a provider is asked, and when it is given up, through the doors: its own ledger tells."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from providers.models import CatalogueModel
from sessions_app.models import PlaygroundSession
from tests.cast import Person
from tests.playground.conftest import MakeProvider
from tests.servers.service import Service

SAMPLED = {"temperature": 0.7, "max_tokens": 256, "top_p": 1}
NOW = {"name": "now"}
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
CALL = {"id": "c", "type": "function", "function": {"name": "now", "arguments": "{}"}}


async def body_at(service: Service) -> dict[str, Any]:
    """The body that the provider got last."""
    async with aiohttp.ClientSession() as session, session.get(f"{service.simulator.url}/requests") as response:
        found: dict[str, Any] = (await response.json())[-1]["body"]
        return found


@pytest.mark.parametrize(
    ("wire", "model", "parameters", "has", "has_not"),
    [
        ("anthropic", "claude-sonnet-4-5", SAMPLED, {"temperature": 0.7, "max_tokens": 256}, {"top_p"}),
        ("anthropic", "claude-opus-4-1", SAMPLED, {"temperature": 0.7}, {"top_p"}),
        ("openai", "anthropic/claude-haiku-4.5", SAMPLED, {"temperature": 0.7}, {"top_p"}),
        ("anthropic", "claude-opus-4-7", {"temperature": 0.7}, {}, {"temperature"}),
        ("anthropic", "claude-sonnet-5", {"top_p": 0.7}, {}, {"top_p"}),
        ("anthropic", "claude-haiku-4-5", {"temperature": 0.2, "reasoning_effort": "low"}, {}, {"temperature"}),
        ("anthropic", "claude-opus-4-6", {"temperature": 0.2, "reasoning_effort": "low"}, {}, {"temperature"}),
        ("anthropic", "claude-haiku-4-5", {"stop_sequences": ["\n", " "]}, {}, {"stop_sequences"}),
        ("openai", "o3", {"stop_sequences": ["a"]}, {}, {"stop"}),
        ("openai", "gpt-5", {"stop_sequences": ["a"]}, {}, {"stop"}),
        (
            "openai",
            "ft:o4-mini-2025-04-16:o::i",
            SAMPLED,
            {"max_completion_tokens": 256},
            {"temperature", "max_tokens"},
        ),
        ("openai", "codex-mini-latest", SAMPLED, {"max_completion_tokens": 256}, {"top_p", "max_tokens"}),
        ("openai", "gpt-4o", {"stop_sequences": list("abcdefgh")}, {"stop": list("abcd")}, set()),
        ("openai", "gpt-5", {}, {}, {"max_tokens", "max_completion_tokens"}),
        ("openai", "gpt-4o", {}, {}, {"max_tokens", "max_completion_tokens"}),
    ],
)
async def test_a_model_gets_what_it_takes_and_the_rest_is_told(
    author: Person,
    make_provider: MakeProvider,
    service: Service,
    wire: str,
    model: str,
    parameters: dict[str, Any],
    has: dict[str, Any],
    has_not: set[str],
):
    slug = await in_database_thread(make_provider, wire)
    answer = await author.execute(f"{slug}/{model}", parameters=parameters)
    assert answer.status == 200, answer.body
    body = await body_at(service)
    assert {name: body[name] for name in has} == has
    assert not has_not & body.keys()
    metadata = answer.body["metadata"]
    ours = {"stop": "stop_sequences"}
    assert {ours.get(name, name) for name in has_not} & parameters.keys() <= {
        *metadata["dropped_parameters"],
        "max_tokens",
    }
    assert metadata["dropped_parameters"] == sorted(metadata["dropped_parameters"])
    assert set(metadata["dropped_parameters"]) <= metadata["dropped_reasons"].keys()
    again = await author.get(f"/api/executions/{answer.body['id']}")
    assert again.body["metadata"] == metadata


async def test_thinking_stays_within_what_the_model_writes(
    author: Person, make_provider: MakeProvider, service: Service
):
    slug = await in_database_thread(make_provider, "anthropic")
    parameters = {"reasoning_effort": "high", "max_tokens": 64_000}
    answer = await author.execute(f"{slug}/claude-haiku-4-5", parameters=parameters)
    body = await body_at(service)
    assert body["thinking"]["budget_tokens"] < body["max_tokens"] == 64_000
    assert "thoughts" in answer.body["metadata"]["dropped_reasons"]["max_tokens"]
    await author.execute(f"{slug}/claude-opus-4-6", parameters={"reasoning_effort": "high"})
    assert (await body_at(service))["max_tokens"] == 128_000


async def test_a_value_that_was_changed_is_told_and_not_called_dropped(author: Person, make_provider: MakeProvider):
    slug = await in_database_thread(make_provider, "anthropic")
    answer = await author.execute(f"{slug}/claude-haiku-4-5", parameters={"temperature": 1.5})
    assert answer.body["metadata"]["dropped_parameters"] == []
    assert answer.body["metadata"]["dropped_reasons"] == {"temperature": "Claude 4.5 takes 0 to 1: 1 was sent."}


async def test_ollama_is_told_how_large_its_window_must_be(
    author: Person, make_provider: MakeProvider, service: Service
):
    slug = await in_database_thread(make_provider, "ollama")
    await author.execute(f"{slug}/echo", "word " * 8_000, parameters={"max_tokens": 3_000})
    assert (await body_at(service))["options"] == {"num_predict": 3_000, "num_ctx": 16_384}
    await author.execute(f"{slug}/echo")
    assert "num_predict" not in (await body_at(service))["options"]
    row = {"id": f"{slug}/small", "provider": slug, "overrides": {"context_window": 6_000}}
    await in_database_thread(lambda: CatalogueModel.objects.create(**row))
    await author.execute(f"{slug}/small", parameters={"max_tokens": 5_000})
    # A catalogue is reread now and then; until then the window is not known to be small.
    assert (await body_at(service))["options"]["num_ctx"] in (6_000, 8_192)


@pytest.mark.parametrize("wire", ["openai", "anthropic", "ollama"])
@pytest.mark.parametrize("tool", [NOW, {**NOW, "parameters": {}}, {**NOW, "parameters": {"properties": {}}}])
async def test_a_tool_needs_no_parameters(
    author: Person, make_provider: MakeProvider, service: Service, wire: str, tool: dict[str, Any]
):
    slug = await in_database_thread(make_provider, wire)
    answer = await author.execute(f"{slug}/echo", tools=[tool])
    assert answer.status == 200, answer.body
    sent = (await body_at(service))["tools"][0]
    schema = sent["input_schema"] if wire == "anthropic" else sent["function"]["parameters"]
    assert schema == {"type": "object", "properties": {}}


@pytest.mark.parametrize(
    "url",
    [
        f"data:image/png;base64,{PIXEL}",
        f"DATA:IMAGE/PNG;BASE64,{PIXEL}",
        f"data:image/jpg;base64,{PIXEL}",
        f"data:image/png;charset=utf-8;base64,{PIXEL}",
        f"data:image/png; base64, {PIXEL[:20]} {PIXEL[20:]}\n",
        f"data:image/png;base64,{PIXEL.replace('+', '-').replace('/', '_').rstrip('=')}",
        f"data:image/png;base64,{PIXEL.replace('=', '%3D').replace('+', '%2B')}",
        f"data:application/octet-stream;base64,{PIXEL}",
    ],
)
@pytest.mark.parametrize("wire", ["openai", "anthropic", "ollama"])
async def test_a_sloppy_picture_is_put_right(
    author: Person, make_provider: MakeProvider, service: Service, wire: str, url: str
):
    slug = await in_database_thread(make_provider, wire)
    parts = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": url}}]
    body = {"model_id": f"{slug}/echo", "messages": [{"role": "user", "content": parts}]}
    answer = await author.post("/api/prompts/execute", body)
    assert answer.status == 200, answer.body
    message = (await body_at(service))["messages"][0]
    if wire == "openai":
        assert message["content"][1]["image_url"]["url"] == f"data:image/png;base64,{PIXEL}"
    elif wire == "anthropic":
        assert message["content"][1]["source"] == {"type": "base64", "media_type": "image/png", "data": PIXEL}
    else:
        assert message["images"] == [PIXEL]


def nested(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


USER = {"role": "user", "content": "hello"}
RECURSIVE = {"type": "object", "properties": {"child": {"$ref": "#"}}}
IN_TURN = {
    "type": "object",
    "properties": {"a": {"$ref": "#/$defs/a"}},
    "$defs": {"a": {"items": {"$ref": "#/$defs/b"}}, "b": {"items": {"$ref": "#/$defs/a"}}},
}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"messages": [USER, {"role": "assistant", "tool_calls": [{"id": "c"}]}]}, "messages.1.tool_calls.0.function"),
    (
        {"messages": [USER, {"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "f"}}]}]},
        "messages.1.tool_calls.0.function.arguments",
    ),
    ({"messages": [{"role": "assistant", "tool_calls": [{**CALL, "id": ""}]}]}, "messages.0.tool_calls.0.id"),
    ({"messages": [{"role": "assistant", "tool_calls": [CALL, CALL]}]}, "messages.0.tool_calls.1.id"),
    ({"messages": [{"role": "tool", "content": "r"}]}, "messages.0.tool_call_id"),
    (
        {
            "messages": [
                {"role": "assistant", "tool_calls": [CALL]},
                {"role": "tool", "content": "r", "tool_call_id": "d"},
            ]
        },
        "messages.1.tool_call_id",
    ),
    ({"messages": [{"role": "system"}]}, "messages.0.content"),
    ({"messages": [USER, {"role": "assistant", "content": None}]}, "messages.1.content"),
    ({"messages": [{"role": "user", "content": []}]}, "messages.0.content"),
    ({"messages": [{**USER, "tool_calls": [CALL]}]}, "messages.0.tool_calls"),
    ({"messages": [{**USER, "tool_call_id": "c"}]}, "messages.0.tool_call_id"),
    (
        {
            "messages": [
                {"role": "system", "content": [{"type": "image_url", "image_url": {"url": "https://a.b/c.png"}}]}
            ]
        },
        "messages.0.content.0",
    ),
    (
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:text/plain,x"}}]}]},
        "messages.0.content.0",
    ),
    ({"tools": [NOW, NOW]}, "tools.1.name"),
    ({"tools": [{"name": "a b"}]}, "tools.0.name"),
    ({"tools": [{**NOW, "name": f"t{n}"} for n in range(65)]}, "tools"),
    ({"tools": [NOW], "parameters": {"tool_choice": {"name": "then"}}}, "parameters.tool_choice"),
    ({"parameters": {"tool_choice": {"name": "now"}}}, "parameters.tool_choice"),
    ({"tools": [{**NOW, "parameters": RECURSIVE}]}, "tools.0.parameters"),
    ({"tools": [{**NOW, "parameters": IN_TURN}]}, "tools.0.parameters"),
    ({"tools": [{**NOW, "parameters": {"properties": {"a": {"$ref": "https://a.b/c"}}}}]}, "tools.0.parameters"),
    ({"tools": [{**NOW, "parameters": {"type": "string"}}]}, "tools.0.parameters.type"),
    ({"tools": [{**NOW, "parameters": nested(60)}]}, "tools.0.parameters"),
    (
        {"tools": [{**NOW, "parameters": {"properties": {f"p{n}": {"type": "string"} for n in range(9_000)}}}]},
        "tools.0.parameters",
    ),
    ({"parameters": {"stop_sequences": list("abcdefghi")}}, "parameters.stop_sequences"),
    ({"parameters": {"stop_sequences": ["a" * 201]}}, "parameters.stop_sequences.0"),
    ({"parameters": {"stop_sequences": [""]}}, "parameters.stop_sequences.0"),
    ({"parameters": {"stop_sequences": "END"}}, "parameters.stop_sequences"),
]


@pytest.mark.parametrize(("wrong", "field"), WRONG, ids=lambda value: value if isinstance(value, str) else "")
async def test_what_no_provider_takes_is_refused_at_every_door(
    author: Person, make_provider: MakeProvider, wrong: dict[str, Any], field: str
):
    slug = await in_database_thread(make_provider, "anthropic")
    model = f"{slug}/echo"
    prompt = {} if "messages" in wrong else {"prompt": "hello"}
    bodies = {
        "/api/prompts/execute": {"model_id": model, **prompt, **wrong},
        "/api/prompts/execute/stream": {"model_id": model, **prompt, **wrong},
        "/api/comparisons": {"variants": [{"model_id": model}, {"model_id": model}], **prompt, **wrong},
    }
    for path, body in bodies.items():
        answer = await author.post(path, body)
        assert answer.status == 400, (path, answer.body)
        fields = [error["field"] for error in answer.body["errors"]]
        assert any(each.endswith(field) or each.startswith(f"{field}.") for each in fields), (path, fields)
    assert await in_database_thread(PromptExecution.objects.filter(model_id=model).count) == 0


async def test_a_run_that_was_kept_with_such_messages_is_not_repeated(author: Person, provider: str):
    user = author.user
    assert user is not None
    session = await in_database_thread(lambda: PlaygroundSession.objects.create(user=user, name="S"))
    old = await in_database_thread(
        lambda: PromptExecution.objects.create(
            session=session,
            user=user,
            model_id=f"{provider}/echo",
            status="failed",
            request={"messages": [{"role": "tool", "content": "r"}]},
        )
    )
    answer = await author.post(f"/api/executions/{old.id}/replay", {})
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, "messages.0.tool_call_id")


async def test_a_whole_conversation_with_tools_is_taken(author: Person, make_provider: MakeProvider, service: Service):
    deep = {
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/a"}, "b": {"$ref": "#/$defs/a"}},
        "$defs": {"a": {}},
    }
    long = "c__thought__" + "c2ln" * 1_000
    untyped = {name: value for name, value in CALL.items() if name != "type"} | {"id": long}
    messages = [
        {"role": "system", "content": ""},
        USER,
        {"role": "assistant", "content": None, "tool_calls": [untyped]},
        {"role": "tool", "tool_call_id": long, "content": "noon"},
    ]
    for wire in ("openai", "anthropic", "ollama"):
        slug = await in_database_thread(make_provider, wire)
        body = {"model_id": f"{slug}/tokens-8", "messages": messages, "tools": [{**NOW, "parameters": deep}]}
        answer = await author.post("/api/prompts/execute", body)
        assert answer.status == 200, answer.body
        if wire == "openai":
            assert (await body_at(service))["messages"][2]["tool_calls"][0]["type"] == "function"


# Clocks


async def test_the_catalogue_says_why_a_parameter_is_not_taken(author: Person, make_provider: MakeProvider):
    slug = await in_database_thread(make_provider, "anthropic")
    parameters = (await author.get(f"/api/models/{slug}/claude-opus-4-7")).body["parameters"]
    assert parameters["temperature"]["supported"] is False
    assert parameters["temperature"]["reason"] == "Claude from 4.7 on takes no temperature."
    assert parameters["max_tokens"]["max"] == parameters["max_tokens"]["default"] == 128_000
    parameters = (await author.get(f"/api/models/{slug}/claude-sonnet-4-5")).body["parameters"]
    assert (parameters["temperature"]["max"], parameters["temperature"]["reason"]) == (1, None)
    slug = await in_database_thread(make_provider)
    parameters = (await author.get(f"/api/models/{slug}/gpt-4o")).body["parameters"]
    assert (parameters["stop_sequences"]["max"], parameters["max_tokens"]["default"]) == (4, None)
    assert "reasoning_effort" in parameters["reasoning_effort"]["reason"]
