"""Exported Python is run with the SDKs themselves, against the simulator: what arrives is what the engine sends.

Over every row of the table of families, on each wire that the row is for.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
from functools import partial
from typing import Any
from unittest import mock

import pytest

from providers.base import ProviderRequest
from providers.catalogue.info import ModelInfo
from providers.catalogue.listing import asked_by_name
from providers.families.table import Row, rows
from providers.http.transport import Transport
from providers.line.fitting import fit
from providers.wires.anthropic import AnthropicAdapter
from providers.wires.exchange import HTTPAdapter
from providers.wires.ollama import OllamaAdapter
from providers.wires.openai import OpenAIAdapter
from templates_app.content import Content
from templates_app.export_code.formats import FORMATS
from tests.providers.conftest import simulator, transport
from tests.providers.questions import CALCULATOR, PATIENT
from tests.providers.test_families import EVERYTHING, MODELS
from tests.servers.provider_simulator import ProviderSimulator
from tests.templates_app.exporting_code import handover

__all__ = ["simulator", "transport"]

SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "number"}},
    "required": ["answer"],
    "additionalProperties": False,
}
QUESTIONS: tuple[dict[str, Any], ...] = (
    {},
    {**EVERYTHING, "reasoning_effort": "high"},
    {"response_format": {"type": "json_object"}, "max_tokens": 1_000_000},
    {**EVERYTHING, "temperature": 0},
    {"response_format": {"type": "json_schema", "json_schema": {"schema": SCHEMA}}, "reasoning_effort": "minimal"},
    {"tools": [CALCULATOR], "tool_choice": "required", "reasoning_effort": "low", "temperature": 0.2},
)
WIRES: dict[str, type[HTTPAdapter]] = {
    "openai": OpenAIAdapter,
    "anthropic": AnthropicAdapter,
    "ollama": OllamaAdapter,
}


def each(*wires: str) -> pytest.MarkDecorator:
    """Every row with those of the wires that it is for."""
    pairs = [(row, wire) for row in rows() for wire in wires if not row.wires or wire in row.wires]
    return pytest.mark.parametrize(
        ("row", "wire"), pairs, ids=lambda value: value if isinstance(value, str) else value.family.name
    )


def content_of(question: dict[str, Any]) -> Content:
    parameters = {name: value for name, value in question.items() if name != "tools"}
    return Content("What is six times seven?", "Be brief.", (), parameters, tools=tuple(question.get("tools", ())))


async def sent_by_the_engine(
    wire: str, info: ModelInfo, question: dict[str, Any], simulator: ProviderSimulator, transport: Transport
) -> dict[str, Any]:
    """The body, by the steps that an attempt takes (`playground.engine.attempts`)."""
    adapter = WIRES[wire](transport, base_url=simulator.base_url if wire == "openai" else simulator.url)
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "What is six times seven?"},
    ]
    content = content_of(question)
    name = info.id.partition("/")[2]
    fitted = fit(
        content.parameters,
        supported=adapter.supported_by(name),
        model=info,
        messages=messages,
        tools=content.tools,
    )
    request = ProviderRequest(
        name,
        messages,
        fitted.sent,
        content.tools,
        is_streamed=False,
        family=info.family,
        max_output_tokens=info.max_output_tokens,
        context_window=info.context_window,
    )
    async for _ in adapter.stream(request, timeouts=PATIENT):
        pass
    body: dict[str, Any] = simulator.requests()[-1]["body"]
    return body


def run(source: str, simulator: ProviderSimulator) -> None:
    """The exported program, with nothing else changed than addresses and keys."""
    import litellm

    addresses = {
        "OPENAI_BASE_URL": simulator.base_url,
        "ANTHROPIC_BASE_URL": simulator.url,
        "ANTHROPIC_API_BASE": simulator.url,
        "OLLAMA_API_BASE": simulator.url,
    }
    keys = {"OPENAI_API_KEY": "k", "ANTHROPIC_API_KEY": "k"}
    # Without its gateway for MCP, which needs a package of its own, and without its bridge to OpenAI's other interface.
    aside = {"_skip_mcp_handler": True, "_skip_responses_api_bridge": True}
    completion = partial(litellm.completion, **aside, num_retries=0)
    with (
        mock.patch.dict(os.environ, {**addresses, **keys}),
        mock.patch.object(litellm, "completion", completion),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        exec(compile(source, "exported.py", "exec"), {"__name__": "__main__"})


def plainly(body: dict[str, Any]) -> dict[str, Any]:
    """The body without what means the same: a text as one block, whether a whole answer is said to be wanted."""
    told = {name: value for name, value in body.items() if not (name == "stream" and value is False)}
    told["messages"] = [{**message, "content": text_of(message["content"])} for message in told["messages"]]
    if "system" in told:
        told["system"] = text_of(told["system"])
    return told


def text_of(content: Any) -> str:
    return content if isinstance(content, str) else "\n\n".join(block["text"] for block in content)


def through_litellm(body: dict[str, Any]) -> dict[str, Any]:
    """Without what LiteLLM changes by itself: a word for what a tool is, who says what to o-series models."""
    told = plainly(body)
    told["messages"] = [message["content"] for message in told["messages"]]
    told["tools"] = [{name: value for name, value in each.items() if name != "type"} for each in told.get("tools", ())]
    return told


@each("openai", "anthropic")
async def test_python_with_the_wires_own_sdk_sends_what_the_engine_sends(
    row: Row, wire: str, simulator: ProviderSimulator, transport: Transport
) -> None:
    known = asked_by_name(f"{wire}/{MODELS[row.family.name]}")
    for question in QUESTIONS:
        wanted = await sent_by_the_engine(wire, known.info, question, simulator, transport)
        given = handover(content_of(question), model_id=known.info.id)
        await asyncio.to_thread(run, FORMATS[f"python-{wire}"].render(given), simulator)
        assert plainly(simulator.requests()[-1]["body"]) == plainly(wanted), question


@each(*WIRES)
async def test_python_with_litellm_sends_what_the_engine_sends(
    row: Row, wire: str, simulator: ProviderSimulator, transport: Transport
) -> None:
    known = asked_by_name(f"{wire}/{MODELS[row.family.name]}")
    for question in QUESTIONS[1::2]:
        wanted = await sent_by_the_engine(wire, known.info, question, simulator, transport)
        given = handover(content_of(question), model_id=known.info.id)
        await asyncio.to_thread(run, FORMATS["python-litellm"].render(given), simulator)
        assert through_litellm(simulator.requests()[-1]["body"]) == through_litellm(wanted), question
