"""LiteLLM in its own process, against the simulator: the contract as far as the library keeps it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from foundation.traces.context import taken, trace
from providers.base import Adapter, Finish, ProviderRequest, Timeouts, Usage
from providers.catalogue.info import describe
from providers.errors import Code
from providers.line.fitting import fit
from providers.wires.litellm import LiteLLMAdapter
from tests.providers import contract, library_kinds
from tests.providers.questions import CALCULATOR, CLOCK, ask
from tests.providers.test_wire_kinds import require_kind
from tests.providers.wire_kinds import (
    DONE,
    END,
    FIN,
    HI,
    KINDS,
    Kind,
    begin,
    block,
    data,
    line,
    say,
    stop,
)
from tests.servers.provider_simulator import ProviderSimulator
from tests.servers.raw_provider import RawProvider

KEY = "key-of-the-test-0123456789"
STARTING = Timeouts(connect=5, first_byte=60, idle=60, total=120)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def make_litellm(
    simulator: ProviderSimulator, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Callable[[str], LiteLLMAdapter]]:
    folder = tmp_path_factory.mktemp("litellm")

    def make(prefix: str) -> LiteLLMAdapter:
        base_url = simulator.base_url if prefix in ("openai", "hosted_vllm") else simulator.url
        return LiteLLMAdapter(folder=folder, prefix=prefix, base_url=base_url, api_key=KEY)

    first = make("hosted_vllm")
    await ask(first, "echo", timeouts=STARTING)
    yield make
    await first.close()
    first.server.stop()


@pytest.fixture
def adapter(make_litellm: Callable[[str], LiteLLMAdapter]) -> Adapter:
    return make_litellm("hosted_vllm")


class TestAnswers(contract.Answers):
    async def test_models_are_listed(self, adapter: Adapter) -> None:
        """By LiteLLM's own table, which knows none of a server of one's own."""
        assert await adapter.list_models(timeouts=STARTING) == []


class TestOddButRight(contract.OddButRight):
    pass


@pytest.mark.parametrize(
    ("prefix", "model", "parameters", "has", "has_not"),
    [
        ("openai", "o4-mini", {"temperature": 0.5, "max_tokens": 99}, {"max_completion_tokens": 99}, "temperature"),
        ("hosted_vllm", "gpt-4o", {"stop_sequences": list("abcdef")}, {"stop": list("abcd")}, "max_tokens"),
        ("anthropic", "claude-sonnet-4-5", {"temperature": 1.5, "top_p": 1}, {"temperature": 1}, "top_p"),
        ("anthropic", "claude-haiku-4-5", {}, {"max_tokens": 64_000}, "temperature"),
        ("ollama_chat", "m", {}, {"options": {"num_ctx": 8_192}}, "num_ctx"),
        (
            "ollama",
            "m",
            {"max_tokens": 12_000},
            {"options": {"num_ctx": 16_384, "num_predict": 12_000}},
            "num_ctx",
        ),
    ],
)
async def test_a_model_behind_the_library_gets_what_it_takes(
    make_litellm: Callable[[str], LiteLLMAdapter],
    simulator: ProviderSimulator,
    prefix: str,
    model: str,
    parameters: dict[str, Any],
    has: dict[str, Any],
    has_not: str,
) -> None:
    adapter = make_litellm(prefix)
    info = describe(f"p/{model}", price_prefix="p", wire="litellm")
    sent = fit(parameters, supported=adapter.supported_parameters, model=info).sent
    outcome = await ask(adapter, model, timeouts=STARTING, is_streamed=False, **sent)
    assert outcome.failure is None
    body = simulator.requests()[-1]["body"]
    assert {name: body[name] for name in has} == has
    assert has_not not in body


class TestRefusals(contract.Refusals):
    pass


class TestBroken(contract.Broken):
    async def test_a_connection_that_closes_without_a_byte_is_no_answer(self, adapter: Adapter) -> None:
        """LiteLLM's process has a connection to us, and tells of the other one."""
        failure = (await ask(adapter, "fault-close")).failure
        assert failure is not None
        assert (failure.code, failure.is_retryable) == (Code.PROVIDER_ERROR, True)


PATHS = {"cohere": "/v2/chat"}
PREFIX_OF = {"openai": "hosted_vllm", "anthropic": "anthropic", "ollama": "ollama_chat"}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.wire in PREFIX_OF], ids=str)
async def test_a_kind_of_bytes_is_read_as_what_it_is(
    make_litellm: Callable[[str], LiteLLMAdapter], raw: RawProvider, kind: Kind
) -> None:
    """As without LiteLLM (test_wire_kinds.py), though its own reading loses most of them."""
    raw.plays(kind.body, content_type=kind.content_type, encoding=kind.encoding, every=11, is_cut=kind.is_cut)
    base_url = f"{raw.url}/v1" if kind.wire == "openai" else raw.url
    folder = make_litellm("openai").server.folder
    adapter = LiteLLMAdapter(folder=folder, prefix=PREFIX_OF[kind.wire], base_url=base_url, api_key=KEY)
    require_kind(kind, await ask(adapter, "m", is_streamed=kind.is_streamed))


def behind_the_library(
    make_litellm: Callable[[str], LiteLLMAdapter], raw: RawProvider, wire: str
) -> tuple[LiteLLMAdapter, str]:
    """The adapter of a wire of library_kinds.py, and a model."""
    prefix, model = library_kinds.MODELS[wire]
    folder = make_litellm("openai").server.folder
    return LiteLLMAdapter(folder=folder, prefix=prefix, base_url=raw.url + PATHS.get(wire, ""), api_key=KEY), model


@pytest.mark.parametrize("kind", library_kinds.KINDS, ids=str)
async def test_a_kind_of_a_wire_that_only_the_library_asks_on(
    make_litellm: Callable[[str], LiteLLMAdapter], raw: RawProvider, kind: Kind
) -> None:
    raw.plays(kind.body, content_type=kind.content_type, encoding=kind.encoding, every=11, is_cut=kind.is_cut)
    adapter, model = behind_the_library(make_litellm, raw, kind.wire)
    require_kind(kind, await ask(adapter, model, is_streamed=kind.is_streamed, tools=[CALCULATOR, CLOCK]))


@pytest.mark.parametrize("is_streamed", [True, False])
@pytest.mark.parametrize(("wire", "status", "body", "code"), library_kinds.REFUSALS)
async def test_a_refusal_of_a_wire_that_only_the_library_asks_on(
    make_litellm: Callable[[str], LiteLLMAdapter],
    raw: RawProvider,
    wire: str,
    status: str,
    body: bytes,
    code: Code,
    is_streamed: bool,
) -> None:
    raw.plays(body, content_type="application/json", status=status)
    adapter, model = behind_the_library(make_litellm, raw, wire)
    outcome = await ask(adapter, model, is_streamed=is_streamed)
    assert (outcome.events, outcome.code) == ([], code)
    assert KEY not in str(outcome.failure)
    if b"retryDelay" in body:
        assert outcome.failure is not None
        assert outcome.failure.retry_after == 17


SLOW: dict[str, tuple[str, str, list[bytes]]] = {
    "openai": ("hosted_vllm", "m", [HI, FIN + DONE]),
    "anthropic": ("anthropic", "claude-haiku-4-5", [begin(input_tokens=1), say("hi") + stop(output_tokens=1)]),
    "ollama": ("ollama_chat", "m", [line({"content": "hi"}), END]),
    "gemini": ("gemini", "gemini-2.5-flash", [data(library_kinds.HI), data(library_kinds.END)]),
}


@pytest.mark.parametrize("wire", SLOW)
async def test_a_slow_provider_is_waited_for_as_long_as_the_clocks_say(
    make_litellm: Callable[[str], LiteLLMAdapter], raw: RawProvider, wire: str
) -> None:
    prefix, model, pieces = SLOW[wire]
    base_url = f"{raw.url}/v1" if wire == "openai" else raw.url
    folder = make_litellm("openai").server.folder
    adapter = LiteLLMAdapter(folder=folder, prefix=prefix, base_url=base_url, api_key=KEY)
    raw.plays(pieces, content_type=None, begins_after=6.0)  # Longer than the 5 seconds of the library's default client.
    raw.calls = 0
    patient, hasty = await asyncio.gather(
        ask(adapter, model, timeouts=STARTING), ask(adapter, model, timeouts=replace(STARTING, first_byte=3.0))
    )
    assert (patient.failure, patient.text[-2:], raw.calls) == (None, "hi", 2)
    assert hasty.failure is not None
    assert (hasty.failure.code, hasty.failure.is_retryable) == (Code.TIMEOUT_FIRST_BYTE, False)
    raw.plays(pieces, content_type=None, falls_silent=3.0)
    patient, hasty = await asyncio.gather(
        ask(adapter, model, timeouts=STARTING), ask(adapter, model, timeouts=replace(STARTING, idle=1.0))
    )
    assert (patient.failure, patient.text[-2:]) == (None, "hi")
    assert (hasty.code, hasty.finish) == (Code.TIMEOUT_IDLE, None)


async def test_a_host_that_takes_no_connection_is_told_from_one_that_does_not_answer(
    make_litellm: Callable[[str], LiteLLMAdapter],
) -> None:
    """Nothing was sent, so nothing is billed and the call may be made again."""
    with socket.socket() as full, contextlib.ExitStack() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):  # Whoever comes when the queue is full waits for an answer of the kernel.
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}"
        folder = make_litellm("openai").server.folder
        adapters = [
            LiteLLMAdapter(folder=folder, prefix=name, base_url=url, api_key=KEY) for name in PREFIX_OF.values()
        ]
        outcomes = await asyncio.gather(*(ask(adapter, "m", timeouts=STARTING) for adapter in adapters))
    for outcome in outcomes:
        assert outcome.failure is not None
        assert (outcome.failure.code, outcome.failure.is_retryable) == (Code.PROVIDER_ERROR, True)
        assert "connect" in outcome.failure.detail


PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
PAPER = "JVBERi0xLjQK"
PICTURE = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}
FILE = {"type": "file", "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PAPER}"}}
CITY = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}


@pytest.mark.parametrize("is_streamed", [True, False])
@pytest.mark.parametrize(
    ("prefix", "model", "parts", "schema"),
    [
        (
            "openai",
            "gpt-4o",
            [PICTURE, FILE],
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "place", "schema": CITY, "strict": True},
                }
            },
        ),
        (
            "anthropic",
            "claude-sonnet-4-5",
            [
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}},
                {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": PAPER}},
            ],
            {"output_format": {"type": "json_schema", "schema": CITY}},
        ),
    ],
)
async def test_parts_and_a_schema_arrive_through_the_library(
    make_litellm: Callable[[str], LiteLLMAdapter],
    simulator: ProviderSimulator,
    prefix: str,
    model: str,
    parts: list[dict[str, Any]],
    schema: dict[str, Any],
    is_streamed: bool,
) -> None:
    content = [{"type": "text", "text": "Which city?"}, PICTURE, FILE]
    wanted = {"response_format": {"type": "json_schema", "json_schema": {"name": "place", "schema": CITY}}}
    request = ProviderRequest(model, [{"role": "user", "content": content}], wanted, is_streamed=is_streamed)
    events = [event async for event in make_litellm(prefix).stream(request, timeouts=STARTING)]
    assert isinstance(events[-1], Finish)
    body = simulator.requests()[-1]["body"]
    assert body["messages"][-1]["content"] == [content[0], *parts]
    assert {name: body.get(name) for name in schema} == schema
    assert "tools" not in body


async def test_a_schema_that_becomes_a_tool_is_read_by_the_library(
    make_litellm: Callable[[str], LiteLLMAdapter], raw: RawProvider
) -> None:
    """Its answer is the tool's input; what was said of usage comes first, and a made-up end is a cut."""
    schema = {"type": "object", "properties": {"q": {"type": "string"}}}
    wanted = {"type": "json_schema", "json_schema": {"name": "place", "schema": schema}}
    opening = {"type": "tool_use", "id": "t", "name": "json_tool_call", "input": {}}
    begun = begin(input_tokens=11, output_tokens=1)
    answer = block(0, opening, {"type": "input_json_delta", "partial_json": '{"q":"x"}'})
    adapter = LiteLLMAdapter(
        folder=make_litellm("openai").server.folder, prefix="anthropic", base_url=raw.url, api_key=KEY
    )
    raw.plays(begun + answer + stop("tool_use", output_tokens=7))
    outcome = await ask(adapter, "claude-3-haiku-20240307", response_format=wanted)
    assert (json.loads(outcome.text), outcome.tool_calls, outcome.failure) == ({"q": "x"}, [], None)
    assert outcome.usage is not None
    assert (outcome.usage.prompt_tokens, outcome.usage.completion_tokens) == (11, 7)
    raw.plays(begun + answer)
    outcome = await ask(adapter, "claude-3-haiku-20240307", response_format=wanted)
    assert (outcome.usage, outcome.code) == (Usage(11), Code.STREAM_CUT)


class TestLeaving(contract.Leaving):
    pass


@pytest.mark.parametrize("prefix", ["openai", "anthropic", "ollama_chat", "ollama"])
async def test_other_prefixes_speak_other_wires(
    make_litellm: Callable[[str], LiteLLMAdapter], simulator: ProviderSimulator, prefix: str
) -> None:
    outcome = await ask(make_litellm(prefix), "tokens-8")
    assert (outcome.text, outcome.failure) == (contract.EIGHT, None)
    assert simulator.ledger.entries[-1].wire == {"ollama_chat": "ollama"}.get(prefix, prefix)


async def test_a_cut_stream_keeps_its_text(adapter: Adapter) -> None:
    outcome = await ask(adapter, "fault-cut-at-5")
    assert (outcome.text, outcome.code) == (contract.FIVE, Code.STREAM_CUT)


async def test_tools_need_no_other_package(make_litellm: Callable[[str], LiteLLMAdapter]) -> None:
    outcome = await ask(make_litellm("openai"), "tool-call", "{}", tools=[CALCULATOR])
    assert [call.name for call in outcome.tool_calls] == ["calculator"]


async def test_known_models_are_listed_with_their_size(make_litellm: Callable[[str], LiteLLMAdapter]) -> None:
    models = await make_litellm("mistral").list_models(timeouts=STARTING)
    assert any(model.details.get("context_window") for model in models)


async def test_the_socket_is_ours_alone(make_litellm: Callable[[str], LiteLLMAdapter]) -> None:
    running = await make_litellm("openai").server.ensure()
    assert os.stat(running.address).st_mode & 0o777 == 0o600


async def test_nothing_is_logged(make_litellm: Callable[[str], LiteLLMAdapter]) -> None:
    adapter = make_litellm("openai")
    for model in ("echo", "fault-401", "fault-cut-at-5"):
        await ask(adapter, model, "xylophone")
    log = (adapter.server.folder / "log").read_text()
    assert "xylophone" not in log
    assert KEY not in log


def test_the_library_is_not_imported_here() -> None:
    code = "import providers.wires.litellm, sys; print('litellm' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"


async def test_a_provider_is_told_the_trace(adapter: Adapter, simulator: ProviderSimulator) -> None:
    here = trace.set(taken("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
    try:
        await ask(adapter, "echo", "traced", timeouts=STARTING)
    finally:
        trace.reset(here)
    asked = [each for each in simulator.requests() if '"traced"' in json.dumps(each["body"])][-1]
    headers = {name.lower(): value for name, value in asked["headers"].items()}
    assert headers["traceparent"].startswith("00-0af7651916cd43dd8448eb211c80319c-")
    await ask(adapter, "echo", "untraced", timeouts=STARTING)
    asked = [each for each in simulator.requests() if "untraced" in json.dumps(each["body"])][-1]
    assert "traceparent" not in {name.lower() for name in asked["headers"]}
