"""T12, T05, T08: odd bodies are refused with the place named; nothing is stored and nobody is asked."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson
import pytest
from django.conf import settings

from foundation.database.threads import in_database_thread
from foundation.rest.serializers import LONGEST_TEXT
from playground.bodies.execution import KEPT_FOR_US
from playground.models import PromptExecution
from providers.models import CatalogueModel
from templates_app.parameters import FORBIDDEN
from tests.cast import Person
from tests.playground.conftest import Ledger, MakeProvider

MODEL = "MODEL"
"""Stands for a model of the test's own provider."""
DOORS = ("/api/prompts/execute", "/api/prompts/execute/stream")


def nested(depth: int, kind: str) -> bytes:
    """So many lists or objects in each other."""
    opening, closing = ("[", "]") if kind == "list" else ('{"a":', "}")
    inside = "1" if kind == "object" else ""
    return (
        f'{{"model_id":"{MODEL}","prompt":"x","context":{{"a":{opening * depth}{inside}{closing * depth}}}}}'.encode()
    )


def raw(member: str) -> bytes:
    """A body that is right but for one more member, written as it is."""
    return f'{{"model_id":"{MODEL}","prompt":"x",{member}}}'.encode("utf-8", "surrogatepass")


# What no JSON parser of ours takes: refused as a whole.
NOT_JSON: dict[str, bytes] = {
    "1e999 as a parameter": raw('"parameters":{"temperature":1e999}'),
    "minus 1e999 in context": raw('"context":{"a":[-1e999]}'),
    "NaN": raw('"parameters":{"temperature":NaN}'),
    "Infinity": raw('"parameters":{"top_p":Infinity}'),
    "minus Infinity": raw('"context":{"a":-Infinity}'),
    "lone high surrogate, escaped": raw(r'"context":{"a":"\ud800"}'),
    "lone low surrogate, escaped": raw(r'"metadata":{"a":"\udfff"}'),
    "lone surrogate in a key": raw(r'"metadata":{"\ud800":1}'),
    "lone surrogate in the prompt": raw(r'"prompt":"\udc00"'),
    "lone surrogate as bytes": raw('"context":{"a":"\ud800"}'),
    "byte order mark": b"\xef\xbb\xbf{}",
    "bad UTF-8": raw('"context":{"a":"é"}').replace("é".encode(), b"\xff\xfe"),
    "overlong UTF-8": raw('"context":{"a":"é"}').replace("é".encode(), b"\xc0\xaf"),
    "UTF-16": json.dumps({"model_id": MODEL, "prompt": "x"}).encode("utf-16"),
    "a raw NUL": raw('"context":{"a":"b"}').replace(b'"b"', b'"\x00"'),
    "a raw newline in a text": raw('"context":{"a":"b"}').replace(b'"b"', b'"\n"'),
    "cut": raw('"context":{"a":1}')[:-1],
    "something behind": raw('"context":{"a":1}') + b"}",
    "two values": b"{}{}",
    "single quotes": b"{'model_id':'MODEL'}",
    "trailing comma": raw('"context":{"a":[1,]}'),
    "comment": raw('"context":{} /* x */'),
    "only spaces": b"   ",
    "nesting 100,000 deep": nested(100_000, "list"),
    "objects 100,000 deep": nested(100_000, "object"),
}
# JSON, but not an object with what is needed: refused before anything is looked at.
NO_OBJECT: dict[str, bytes] = {
    "nothing": b"",
    "null": b"null",
    "true": b"true",
    "a number": b"1",
    "a text": b'"text"',
    "a list": b'[{"model_id":"MODEL","prompt":"x"}]',
}
DEEP = "context." + ".".join(["a"] + ["0"] * 62)
# Refused with the place: (body as bytes, or members that replace right ones), the field.
AT_A_PLACE: dict[str, tuple[bytes | dict[str, Any], str]] = {
    "nesting 70 deep": (nested(70, "list"), DEEP),
    "nesting 900 deep": (nested(900, "list"), DEEP),
    "NUL in the prompt": ({"prompt": "a\x00b"}, "prompt"),
    "NUL in the model's name": ({"model_id": "openai/a\x00"}, "model_id"),
    "NUL in a value below": ({"context": {"a": [{"b": "\x00"}]}}, "context.a.0.b"),
    "NUL in a key": ({"metadata": {"a\x00": 1}}, "metadata"),
    "NUL in a key below": ({"context": {"a": [0, {"\x00": 1}]}}, "context.a.1"),
    "NUL in a message": ({"messages": [{"role": "user", "content": "\x00"}]}, "messages.0.content"),
    "NUL in a tool's schema": ({"tools": [{"name": "t", "parameters": {"a": "\x00"}}]}, "tools.0.parameters.a"),
    "20 digits": (raw('"parameters":{"seed":12345678901234567890}'), "parameters.seed"),
    "2^53 + 1": (raw(f'"context":{{"a":{2**53 + 1}}}'), "context.a"),
    "-2^63": (raw(f'"metadata":{{"a":[{-(2**63)}]}}'), "metadata.a.0"),
    "unknown field": ({"model": "x"}, "model"),
    "unknown parameter": ({"parameters": {"temprature": 1}}, "parameters.temprature"),
    "unknown field of a message": ({"messages": [{"role": "user", "content": "x", "weight": 1}]}, "messages.0.weight"),
    "unknown field of a tool": ({"tools": [{"name": "t", "url": "http://x"}]}, "tools.0.url"),
    "owner": ({"user_id": str(uuid.uuid4())}, "user_id"),
    "id": ({"id": str(uuid.uuid4())}, "id"),
    "status": ({"status": "completed"}, "status"),
    "usage": ({"usage": {"total_tokens": 0}}, "usage"),
    "model id is missing": ({"model_id": None}, "model_id"),
    "model id is a number": ({"model_id": 7}, "model_id"),
    "model id without a slash": ({"model_id": "gpt-4o"}, "model_id"),
    "model id without a name": ({"model_id": "openai/"}, "model_id"),
    "model id without a provider": ({"model_id": "/gpt-4o"}, "model_id"),
    "model id with a space": ({"model_id": "openai/gpt 4"}, "model_id"),
    "model id with a line end": ({"model_id": "openai/g\npt"}, "model_id"),
    "model id of 300 letters": ({"model_id": "openai/" + "a" * 300}, "model_id"),
    "unknown provider": ({"model_id": "nobody-here/gpt"}, "model_id"),
    "unknown fallback provider": (
        {"parameters": {"fallback_models": ["nobody-here/gpt"]}}, "parameters.fallback_models.0",
    ),
    "session is no id": ({"session_id": "mine"}, "session_id"),
    "session is a list": ({"session_id": []}, "session_id"),
    "empty prompt": ({"prompt": ""}, "prompt"),
    "prompt of spaces": ({"prompt": " \n\t "}, "prompt"),
    "prompt is null": ({"prompt": None}, "prompt"),
    "prompt is a list": ({"prompt": ["x"]}, "prompt.0"),
    "prompt is true": ({"prompt": True}, "prompt"),
    "prompt of 1,000,001 characters": ({"prompt": "a" * (LONGEST_TEXT + 1)}, "prompt"),
    "system prompt is an object": ({"system_prompt": {}}, "system_prompt"),
    "system prompt too long": ({"system_prompt": "a" * (LONGEST_TEXT + 1)}, "system_prompt"),
    "prompt over the model's window": ({"model_id": f"{MODEL}-small", "prompt": "a " * 500}, "prompt"),
    "messages over the model's window": (
        {"model_id": f"{MODEL}-small", "messages": [{"role": "user", "content": "a " * 500}]}, "prompt",
    ),
    "messages are an object": ({"messages": {}}, "messages"),
    "a message is a text": ({"messages": ["hello"]}, "messages.0"),
    "an unknown role": ({"messages": [{"role": "root", "content": "x"}]}, "messages.0.role"),
    "no role": ({"messages": [{"content": "x"}]}, "messages.0.role"),
    "content is a number": ({"messages": [{"role": "user", "content": 1}]}, "messages.0.content"),
    "content is an empty list": ({"messages": [{"role": "user", "content": []}]}, "messages.0.content"),
    "10,000 messages": ({"messages": [{"role": "user", "content": "x"}] * 10_000}, "messages"),
    "a picture by plain http": (
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://10.0.0.1/a"}}]}]},
        "messages.0.content.0.image_url.url",
    ),
    "a picture from a file": (
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "file:///etc/passwd"}}]}]},
        "messages.0.content.0.image_url.url",
    ),
    "a part of another kind": (
        {"messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}]},
        "messages.0.content.0",
    ),
    "parameters are a list": ({"parameters": []}, "parameters"),
    "temperature is a text": ({"parameters": {"temperature": "hot"}}, "parameters.temperature"),
    "temperature 2.1": ({"parameters": {"temperature": 2.1}}, "parameters.temperature"),
    "temperature -0.1": ({"parameters": {"temperature": -0.1}}, "parameters.temperature"),
    "temperature is a list": ({"parameters": {"temperature": [1]}}, "parameters.temperature"),
    "top_p 1.5": ({"parameters": {"top_p": 1.5}}, "parameters.top_p"),
    "max_tokens 0": ({"parameters": {"max_tokens": 0}}, "parameters.max_tokens"),
    "max_tokens -1": ({"parameters": {"max_tokens": -1}}, "parameters.max_tokens"),
    "max_tokens 1e15": ({"parameters": {"max_tokens": 10**15}}, "parameters.max_tokens"),
    "max_tokens 1.5": ({"parameters": {"max_tokens": 1.5}}, "parameters.max_tokens"),
    "max_tokens is an object": ({"parameters": {"max_tokens": {}}}, "parameters.max_tokens"),
    "frequency penalty 3": ({"parameters": {"frequency_penalty": 3}}, "parameters.frequency_penalty"),
    "presence penalty -3": ({"parameters": {"presence_penalty": -3}}, "parameters.presence_penalty"),
    "nine stop sequences": ({"parameters": {"stop_sequences": ["a"] * 9}}, "parameters.stop_sequences"),
    "a stop sequence that is a number": ({"parameters": {"stop_sequences": ["a", {}]}}, "parameters.stop_sequences.1"),
    "an empty stop sequence": ({"parameters": {"stop_sequences": [""]}}, "parameters.stop_sequences.0"),
    "seed is a text": ({"parameters": {"seed": "x"}}, "parameters.seed"),
    "response format is a number": ({"parameters": {"response_format": 1}}, "parameters.response_format"),
    "response format without schema": (
        {"parameters": {"response_format": {"type": "json_schema"}}}, "parameters.response_format",
    ),
    "reasoning effort": ({"parameters": {"reasoning_effort": "enormous"}}, "parameters.reasoning_effort"),
    "tool choice": ({"parameters": {"tool_choice": {"name": 1}}}, "parameters.tool_choice"),
    "tool choice is a list": ({"parameters": {"tool_choice": ["auto"]}}, "parameters.tool_choice"),
    "six fallbacks": ({"parameters": {"fallback_models": ["openai/a"] * 6}}, "parameters.fallback_models"),
    "timeout of a day": ({"parameters": {"timeout": 86_400}}, "parameters.timeout"),
    "timeout 0": ({"parameters": {"timeout": 0}}, "parameters.timeout"),
    "cache is a text": ({"parameters": {"cache": "perhaps"}}, "parameters.cache"),
    "n": ({"parameters": {"n": 100}}, "parameters.n"),
    "best_of": ({"parameters": {"best_of": 20}}, "parameters.best_of"),
    "stream": ({"stream": True}, "stream"),
    "logit_bias": ({"parameters": {"logit_bias": {}}}, "parameters.logit_bias"),
    "context is a list": ({"context": [1]}, "context"),
    "tools are a text": ({"tools": "all"}, "tools"),
    "65 tools": ({"tools": [{"name": "t"}] * 65}, "tools"),
    "a tool without a name": ({"tools": [{"description": "x"}]}, "tools.0.name"),
    "a tool's name with a space": ({"tools": [{"name": "rm -rf"}]}, "tools.0.name"),
    "a tool's schema is a list": ({"tools": [{"name": "t", "parameters": []}]}, "tools.0.parameters"),
    "a tool with a command": ({"tools": [{"name": "t", "command": "sh"}]}, "tools.0.command"),
    "metadata is a text": ({"metadata": "x"}, "metadata"),
    "notes of 17 KB": ({"metadata": {"a": "b" * 17 * 1024}}, "metadata"),
    "a context of a million bytes": ({"context": {"a": "b" * LONGEST_TEXT}}, "context"),
}  # fmt: skip


@pytest.fixture
async def model(make_provider: MakeProvider) -> str:
    """A model of a provider of its own, beside one with a small window."""
    slug = await in_database_thread(make_provider)
    name = f"{slug}/echo@{uuid.uuid4().hex[:8]}"
    small = {"id": f"{name}-small", "provider": slug, "overrides": {"context_window": 16}}
    await in_database_thread(CatalogueModel.objects.create, **small)
    return name


def written(sent: bytes | dict[str, Any], model: str) -> bytes:
    """A body with the test's own model in it."""
    if isinstance(sent, bytes):
        return sent.replace(MODEL.encode(), model.encode())
    body = {"model_id": MODEL, "prompt": "x", **sent}
    return orjson.dumps({name: value for name, value in body.items() if (name, value) != ("model_id", None)}).replace(
        MODEL.encode(), model.encode()
    )


async def refused(author: Person, ledger: Ledger, model: str, body: bytes) -> list[dict[str, Any]]:
    """The problem of each door, after which there is no row and no call."""
    answers = await asyncio.gather(*(author.post(door, data=body) for door in DOORS))
    for door, answer in zip(DOORS, answers, strict=True):
        assert 400 <= answer.status < 500, (door, answer)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.body.keys() == {"type", "title", "status", "detail", "code", "instance", "errors"}
        assert (answer.body["status"], answer.body["instance"]) == (answer.status, door)
        assert answer.body["detail"]
    assert not await in_database_thread(PromptExecution.objects.exists)
    assert await ledger.calls(model.partition("/")[2]) == []
    return [{**answer.body, "status": answer.status} for answer in answers]


@pytest.mark.parametrize("name", [*NOT_JSON, *NO_OBJECT])
async def test_t12_what_is_no_json_object_is_refused(author: Person, ledger: Ledger, model: str, name: str):
    body = written({**NOT_JSON, **NO_OBJECT}[name], model)
    for problem in await refused(author, ledger, model, body):
        assert (problem["status"], problem["code"]) == (400, "malformed_json")


@pytest.mark.parametrize("name", AT_A_PLACE)
async def test_t12_a_wrong_field_is_named(author: Person, ledger: Ledger, model: str, name: str):
    sent, field = AT_A_PLACE[name]
    for problem in await refused(author, ledger, model, written(sent, model)):
        assert problem["status"] == (404 if "provider" in name and problem["code"] == "unknown_provider" else 400)
        assert [error["field"] for error in problem["errors"]] == [field]
        assert all(error["code"] and error["message"] for error in problem["errors"])


async def test_t12_an_integer_of_900_digits_becomes_a_number_or_is_refused(author: Person, ledger: Ledger, model: str):
    body = written(raw(f'"parameters":{{"seed":{"9" * 900}}}'), model)
    for problem in await refused(author, ledger, model, body):
        assert problem["status"] == 400


async def test_t12_of_equal_keys_the_last_is_judged(author: Person, ledger: Ledger, model: str):
    body = written(raw('"prompt":"y","prompt":""'), model)
    for problem in await refused(author, ledger, model, body):
        assert [error["field"] for error in problem["errors"]] == ["prompt"]


async def test_t12_every_wrong_field_is_named_at_once(author: Person, ledger: Ledger, model: str):
    sent = {"prompt": 7.5, "parameters": {"temperature": 9, "top_p": "x"}, "tools": [{"name": "a b"}]}
    sent["prompt"] = []
    for problem in await refused(author, ledger, model, written(sent, model)):
        fields = {error["field"] for error in problem["errors"]}
        assert fields == {"prompt", "parameters.temperature", "parameters.top_p", "tools.0.name"}


@pytest.mark.parametrize("place", ["parameters", "metadata", "context"])
async def test_t08_nobody_steers_a_provider_from_a_body(author: Person, ledger: Ledger, model: str, place: str):
    assert {"api_base", "base_url", "api_key", "extra_headers", "model_list", "callbacks", "user_config"} <= FORBIDDEN
    for name in sorted(FORBIDDEN):
        for problem in await refused(author, ledger, model, written({place: {name: "http://127.0.0.1:9/"}}, model)):
            assert problem["status"] == 400
            assert [error["field"] for error in problem["errors"]] == [f"{place}.{name}"]


@pytest.mark.parametrize("name", sorted({*FORBIDDEN, "api_base"}))
async def test_t08_nobody_steers_a_provider_from_a_bodys_top(author: Person, ledger: Ledger, model: str, name: str):
    for problem in await refused(author, ledger, model, written({name: "http://127.0.0.1:9/"}, model)):
        assert [error["field"] for error in problem["errors"]] == [name]


async def test_t05_the_services_own_notes_cannot_be_written(author: Person, ledger: Ledger, model: str):
    assert {"request_id", "cached", "provider", "price_known", "usage_source"} <= KEPT_FOR_US
    for problem in await refused(author, ledger, model, written({"metadata": dict.fromkeys(KEPT_FOR_US, 1)}, model)):
        assert {error["field"] for error in problem["errors"]} == {f"metadata.{name}" for name in KEPT_FOR_US}


async def test_t12_a_body_over_the_cap_is_refused_by_its_length(author: Person, ledger: Ledger, model: str):
    body = written({"prompt": "a" * (settings.MAX_BODY_BYTES + 1)}, model)
    for problem in await refused(author, ledger, model, body):
        assert (problem["status"], problem["code"]) == (413, "too_large")


async def test_t12_a_body_over_the_cap_is_refused_as_it_comes(author: Person, model: str):
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield b" " * 1_000_000

    for door in (*DOORS, "/api/auth/token", "/login"):
        async with aiohttp.ClientSession() as session:
            try:
                headers = {**author.headers, "Content-Type": "application/json"}
                async with session.post(author.url + door, data=endless(), headers=headers) as response:
                    assert response.status == 413, door
                    assert (await response.json(content_type=None))["code"] == "too_large"
            except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, ConnectionError):
                pass  # It closes while the rest is still being sent: the answer, or its end, may be lost with it.
    assert not await in_database_thread(PromptExecution.objects.exists)
    assert (await author.get("/api/auth/me")).status == 200


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/json"]
)
async def test_t12_a_body_of_another_kind_is_refused(author: Person, ledger: Ledger, model: str, kind: str):
    body = written({}, model)
    for door in (*DOORS, "/api/auth/token"):
        answer = await author.post(door, data=body, headers={"Content-Type": kind})
        assert answer.status in (400, 415), door
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert await ledger.calls(model.partition("/")[2]) == []


@pytest.mark.parametrize("door", ["/api/auth/token", "/api/auth/token/refresh"])
async def test_t30_the_token_doors_refuse_odd_bodies(anonymous: Person, door: str):
    odd: list[Any] = [None, "", [], {}, 0, True, "\x00", "a\x00b", ["a"], {"a": 1}, "é" * 9_000, 10**17]
    names = ("username", "password") if door.endswith("token") else ("refresh",)
    bodies: list[bytes] = [*NOT_JSON.values(), *NO_OBJECT.values()]
    for name in names:
        for value in odd:
            bodies.append(orjson.dumps({**dict.fromkeys(names, "fine"), name: value}))
    bodies += [
        orjson.dumps({**dict.fromkeys(names, "fine"), "role": "admin"}),
        orjson.dumps({names[0]: "fine", "x": 1}),
    ]
    for body in bodies:
        answer = await anonymous.post(door, data=body)
        assert answer.status in (400, 401, 429), (body[:100], answer)
        assert answer.headers["Content-Type"] == "application/problem+json"


async def test_t12_a_deep_body_costs_little(author: Person):
    started = time.monotonic()
    bombs = [b"[" * 4_000_000, b'{"a":' * 1_000_000, b'{"context":' + b"[[]," * 1_000_000 + b"[]]}"]
    for bomb in bombs:
        assert (await author.post(DOORS[0], data=bomb)).status == 400
    assert time.monotonic() - started < 30


@pytest.mark.parametrize("path", ["?model_id=openai/x", "?after=1", "?__proto__=1", "?a[]=1"])
async def test_unknown_query_parameters_are_named(author: Person, path: str):
    for door in DOORS:
        answer = await author.post(door + path, {})
        assert (answer.status, answer.body["code"]) == (400, "invalid")
    answer = await author.get("/api/models?ordering=id;drop")
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, "ordering")


@pytest.mark.parametrize("page", ["0", "-1", "x", "1e3", "99999999999999999999", "%00", "1;2"])
async def test_an_odd_page_is_refused(author: Person, page: str):
    assert (await author.get(f"/api/models?page={page}")).status in (400, 404)
    assert (await author.get(f"/api/models?page_size={page}")).status in (200, 400)


async def test_text_that_is_odd_but_right_comes_back_as_it_was(author: Person, model: str):
    text = "﷽ \u202e\u200b‮ 👩‍👩‍👧 e\u0301 \ufeff\uffff\U0010ffff \r\n\t \x01\x1f\x7f ﹤script﹥ '; DROP TABLE users; --"
    given = {"context": {text: [text, {"a": 2**53, "b": -(2**53), "c": 1e-300, "d": 0.1}]}, "metadata": {"note": text}}
    body = (await author.execute(model, text, system_prompt=text, **given)).body
    assert (body["prompt"], body["system_prompt"], body["context"]) == (text, text, given["context"])
    assert body["metadata"]["note"] == text
    assert (await author.get(f"/api/executions/{body['id']}")).body == body


async def test_t12_a_number_that_jsonb_writes_out_can_be_read_again(author: Person, model: str):
    notes = {"large": 1e300, "small": -1e30, "odd": 123456789012345678901.0}
    schema = {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object", "maximum": 1e200}}}
    answer = await author.execute(model, metadata=notes, parameters={"response_format": schema})
    assert answer.status == 200
    again = await author.get(f"/api/executions/{answer.body['id']}")
    assert again.body == answer.body
    assert {name: again.body["metadata"][name] for name in notes} == notes
