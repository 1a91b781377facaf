"""What is sent, family by family: every row of the table, asked on each wire, judged by the body that arrived."""

from __future__ import annotations

from itertools import chain, combinations, product
from typing import Any

import pytest

from providers.catalogue.info import ModelInfo, describe
from providers.families.family import PARAMETERS, Family, faults
from providers.families.table import Row, family_of, plain, rows
from providers.http.transport import Transport
from providers.line.fitting import Fitted, fit, refused_beside
from providers.registry import ProviderEntry
from providers.wires.anthropic import AnthropicAdapter
from providers.wires.exchange import HTTPAdapter
from providers.wires.ollama import OllamaAdapter
from providers.wires.openai import OpenAIAdapter
from tests.providers.questions import CALCULATOR, PATIENT, request_for
from tests.servers.provider_simulator import ProviderSimulator

MODELS = {
    "OpenAI's search models": "gpt-4o-search-preview",
    "OpenAI's o1-mini and o1-preview": "o1-mini-2024-09-12",
    "OpenAI's o-series": "ft:o4-mini-2025-04-16:org::id",
    "GPT-5 Chat": "gpt-5-chat-latest",
    "GPT-5's later chat models": "gpt-5.2-chat-latest",
    "GPT-5's pro models": "gpt-5-pro",
    "GPT-5's Codex models": "gpt-5.1-codex-max",
    "GPT-5.1, 5.2 and 5.4": "gpt-5.4-mini-2026-03-17",
    "GPT-5.3 and what follows 5.4": "gpt-5.6-luna",
    "GPT-5": "openai/gpt-5-nano",
    "gpt-oss": "gpt-oss:20b",
    "GPT-4 and GPT-3.5": "ft:gpt-4o-mini-2024-07-18:org::id",
    "Claude from 4.7 on": "claude-sonnet-5",
    "Claude 4.6": "us.anthropic.claude-opus-4-6-v1:0",
    "Claude 4.5": "anthropic/claude-sonnet-4.5",
    "Claude Sonnet 4": "claude-sonnet-4-20250514",
    "Claude Opus 4 and 4.1": "claude-opus-4-1-20250805",
    "Claude 3.7": "claude-3-7-sonnet-latest",
    "Claude 3.5": "anthropic.claude-3-5-sonnet-20241022-v2:0",
    "Claude 3 and older": "claude-3-haiku-20240307",
    "Claude, and whoever speaks as it does": "kimi-k2",
    "Grok 3 Mini": "grok-3-mini-fast",
    "Grok from 4.3 on": "x-ai/grok-4.5",
    "Grok 4": "grok-4-fast-reasoning",
    "Gemini 2.0": "models/gemini-2.0-flash",
    "Gemini": "google/gemini-2.5-pro",
    "DeepSeek Reasoner": "deepseek/deepseek-reasoner",
    "DeepSeek": "deepseek-chat",
    "Mistral": "mistral-large-latest",
    "Qwen 3": "qwen3:8b",
    "Llama": "llama3.2:3b",
}
NUMBERS = {"temperature": 1.5, "top_p": 0.5, "frequency_penalty": 0.5, "presence_penalty": 0.5}
STOPS = ["a", " ", "b", "\n", "c", "d", "e", "f"]
EVERYTHING: dict[str, Any] = {**NUMBERS, "stop_sequences": STOPS, "seed": 7, "max_tokens": 2_000}
IN_BODIES = {
    "openai": {"stop_sequences": "stop"},
    "anthropic": {},
    "ollama": {"stop_sequences": "stop", "max_tokens": "num_predict", "reasoning_effort": "think"},
}


class Asked:
    """One model on one wire; `sent` gives the body that the provider got."""

    def __init__(self, wire: str, model: str, simulator: ProviderSimulator, transport: Transport) -> None:
        self.wire, self.model, self.simulator = wire, model, simulator
        adapters: dict[str, tuple[type[HTTPAdapter], str]] = {
            "openai": (OpenAIAdapter, simulator.base_url),
            "anthropic": (AnthropicAdapter, simulator.url),
            "ollama": (OllamaAdapter, simulator.url),
        }
        adapter, url = adapters[wire]
        self.adapter = adapter(transport, base_url=url)
        self.info = describe(f"p/{model}", price_prefix="p", wire=wire)

    async def sent(self, **parameters: Any) -> tuple[dict[str, Any], Fitted]:
        """The body, and what the service says of it."""
        tools = parameters.pop("tools", ())
        fitted = fit(parameters, supported=self.adapter.supported_parameters, model=self.info, tools=tools)
        request = request_for(self.model, tools=tools, is_streamed=False, **fitted.sent)
        async for _ in self.adapter.stream(request, timeouts=PATIENT):
            pass
        body = self.simulator.requests()[-1]["body"]
        assert body["model"] == self.model
        return {**body, **body.get("options", {})}, fitted


def asked_of(row: Row) -> list[tuple[Row, str]]:
    return [(row, wire) for wire in IN_BODIES if not row.wires or wire in row.wires]


EACH = pytest.mark.parametrize(
    ("row", "wire"),
    [pair for row in rows() for pair in asked_of(row)],
    ids=lambda value: value if isinstance(value, str) else value.family.name,
)


@pytest.fixture
def asked(row: Row, wire: str, simulator: ProviderSimulator, transport: Transport) -> Asked:
    return Asked(wire, MODELS[row.family.name], simulator, transport)


def test_every_row_has_its_source_its_date_and_a_model_of_the_tests() -> None:
    assert {row.family.name for row in rows()} == MODELS.keys()
    for row in rows():
        assert row.source.startswith("https://"), row.family.name
        assert row.date >= "2026-11-26"


@EACH
def test_a_model_belongs_to_its_family(row: Row, wire: str) -> None:
    assert family_of(MODELS[row.family.name], wire) == row.family


@EACH
async def test_what_a_family_refuses_is_not_sent(row: Row, wire: str, asked: Asked) -> None:
    body, fitted = await asked.sent(**EVERYTHING)
    names = IN_BODIES[wire]
    for name in EVERYTHING:
        said = names.get(name, name)
        if name in row.family.refuses:
            assert said not in body
            assert name in fitted.dropped
            assert fitted.reasons[name] == f"{row.family.name} takes no {name}."
        elif name not in asked.adapter.supported_parameters:
            assert name in fitted.dropped
            assert "interface" in fitted.reasons[name]
    for name in fitted.dropped:
        assert fitted.reasons[name]


@EACH
async def test_ranges_pairs_and_stops_are_kept(row: Row, wire: str, asked: Asked) -> None:
    body, fitted = await asked.sent(**EVERYTHING)
    family = row.family
    for name, (low, high) in family.ranges.items():
        if name in body:
            assert low <= body[name] <= high
            assert name in fitted.reasons
    for pair in family.together:
        if pair.at is None:
            assert len(set(pair.these) & body.keys()) == 1
        else:
            body, _ = await asked.sent(**EVERYTHING | {pair.stays: pair.at})
            assert set(pair.these) & body.keys() == {pair.stays}
    stops = body.get(IN_BODIES[wire].get("stop_sequences", "stop_sequences"))
    if "stop_sequences" not in family.refuses:
        written = STOPS if family.blank_stops else [stop for stop in STOPS if stop.strip()]
        assert stops == written[: family.most_stops or len(written)]
        assert ("stop_sequences" in fitted.dropped) == (stops != STOPS)


@EACH
async def test_thinking_is_asked_for_as_the_family_wants_it(row: Row, wire: str, asked: Asked) -> None:
    family = row.family
    for effort in ("minimal", "low", "medium", "high"):
        body, fitted = await asked.sent(**NUMBERS, reasoning_effort=effort)
        if "reasoning_effort" in family.refuses or "reasoning_effort" in fitted.dropped:
            assert not {"thinking", "think", "reasoning_effort"} & body.keys()
            assert "reasoning_effort" in fitted.reasons
            continue
        assert not family.thinking_refuses & body.keys()
        level = fitted.sent["reasoning_effort"]
        assert level in family.efforts
        assert (level == effort) == (effort in family.efforts)
        assert ("reasoning_effort" in fitted.reasons) == (level != effort)
        if wire == "openai":
            assert body["reasoning_effort"] == level
        elif wire == "anthropic" and family.thinking == "budget":
            assert 1024 <= body["thinking"]["budget_tokens"] < body["max_tokens"]
        elif wire == "anthropic" and family.thinking == "adaptive":
            assert (body["thinking"], body["output_config"]) == ({"type": "adaptive"}, {"effort": level})
        elif wire == "ollama" and family.thinking == "switch":
            assert body["think"] is (effort != "minimal")


@EACH
async def test_a_limit_bears_its_name_and_is_sent_only_where_it_must(row: Row, wire: str, asked: Asked) -> None:
    body, _ = await asked.sent(max_tokens=100)
    name = row.family.limit_name if wire == "openai" else IN_BODIES[wire].get("max_tokens", "max_tokens")
    assert body[name] == 100
    body, fitted = await asked.sent()
    if wire == "anthropic":
        limit = row.family.max_output_tokens
        assert body["max_tokens"] == (limit or 4096)
    elif row.family.needs_limit and row.family.max_output_tokens:
        assert fitted.sent == {"max_tokens": row.family.max_output_tokens}
    else:
        assert not {"max_tokens", "max_completion_tokens", "num_predict"} & body.keys()
    assert fitted.dropped == []


@EACH
async def test_no_tool_is_forced_on_a_model_that_thinks(row: Row, wire: str, asked: Asked) -> None:
    body, fitted = await asked.sent(tools=[CALCULATOR], tool_choice="required", reasoning_effort="low")
    if not row.family.forced_tools and wire != "ollama":
        assert not {"thinking", "reasoning_effort"} & body.keys()
        assert "tool_choice" in body
        assert "reasoning_effort" in fitted.dropped


@pytest.mark.parametrize("most", [64_000, 32_000, 4096, 1500])
@pytest.mark.parametrize("asked_for", [None, 1, 100, 4096, 64_000, 1_000_000])
@pytest.mark.parametrize("effort", ["minimal", "low", "medium", "high"])
async def test_thinking_counts_into_what_a_model_can_write(
    simulator: ProviderSimulator, transport: Transport, effort: str, asked_for: int | None, most: int
) -> None:
    asked = Asked("anthropic", "claude-haiku-4-5", simulator, transport)
    asked.info = describe("p/claude-haiku-4-5", price_prefix="p", wire="anthropic", details={"max_output_tokens": most})
    given = {"reasoning_effort": effort} | ({"max_tokens": asked_for} if asked_for else {})
    fitted = fit(given, supported=asked.adapter.supported_parameters, model=asked.info)
    request = request_for("claude-haiku-4-5", is_streamed=False, **fitted.sent)
    body = asked.adapter._body(_known(request, most))
    assert 1024 <= body["thinking"]["budget_tokens"] < body["max_tokens"] <= most
    if asked_for is None:
        assert body["max_tokens"] == most
    elif body["max_tokens"] - body["thinking"]["budget_tokens"] < asked_for:
        assert "max_tokens" in fitted.reasons


def _known(request: Any, most: int) -> Any:
    from dataclasses import replace

    return replace(request, max_output_tokens=most)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.family.name)
def test_what_is_not_taken_side_by_side_is_told_beforehand_as_it_is_judged(row: Row) -> None:
    """Whatever is set: judging by what is told beforehand leaves out the same, for the same reasons."""
    info = ModelInfo("p/m", "m", "p", family=row.family)
    beside = refused_beside(info, supported=PARAMETERS)
    values: dict[str, tuple[Any, ...]] = {"temperature": (0, 0.5), "top_p": (0.5,), "reasoning_effort": ("low",)}
    for names in chain.from_iterable(combinations(values, count) for count in range(len(values) + 1)):
        for given in product(*(values[name] for name in names)):
            asked = dict(zip(names, given, strict=True))
            sent = {name: value for name, value in asked.items() if name not in row.family.refuses}
            told: dict[str, str] = {}
            for each in beside:
                other = sent.get(each.beside)
                if each.parameter in sent and other is not None and each.value in (None, other):
                    del sent[each.parameter]
                    told[each.parameter] = each.reason
            fitted = fit(asked, supported=PARAMETERS, model=info)
            refused = set(fitted.dropped) - row.family.refuses
            assert {name: fitted.reasons[name] for name in refused} == told, asked


def test_a_model_without_room_to_think_does_not() -> None:
    info = describe("p/claude-haiku-4-5", price_prefix="p", wire="anthropic", details={"max_output_tokens": 512})
    fitted = fit({"reasoning_effort": "low"}, supported=PARAMETERS, model=info)
    assert fitted.dropped == ["reasoning_effort"]


def test_a_limit_of_the_models_own_leaves_room_for_the_prompt() -> None:
    info = describe("p/claude-haiku-4-5", price_prefix="p", wire="anthropic", details={"context_window": 200_000})
    prompt = [{"role": "user", "content": "x" * 540_000}]
    assert fit({}, supported=PARAMETERS, model=info, messages=prompt).sent["max_tokens"] < 200_000 - 540_000 / 4


@pytest.mark.parametrize(
    ("name", "spelling"),
    [
        ("ft:gpt-4o-mini-2024-07-18:org::id", "gpt-4o-mini-2024-07-18:org::id"),
        ("anthropic/claude-4.7-opus", "claude-opus-4-7"),
        ("eu.anthropic.claude-3-7-sonnet-20250219-v1:0", "claude-sonnet-3-7-20250219-v1:0"),
        ("claude-haiku-4-5@20251001", "claude-haiku-4-5@20251001"),
        ("us-gov.anthropic.claude-3-haiku-20240307-v1:0", "claude-haiku-3-20240307-v1:0"),
        ("llama3.2", "llama3.2"),
    ],
)
def test_a_name_has_one_spelling(name: str, spelling: str) -> None:
    assert plain(name) == spelling


@pytest.mark.parametrize("name", ["olmo2", "o", "gpt-50", "my-gpt-4o", "claudette", "solar-o1", "echo", "gpt-5x"])
def test_a_name_that_only_looks_alike_belongs_to_no_family(name: str) -> None:
    assert family_of(name, "openai") == Family()


@pytest.mark.parametrize(
    "told",
    [
        {"refuses": ["heat"]},
        {"refuses": "temperature"},
        {"together": [{"these": ["temperature", "top_p"], "stays": "seed"}]},
        {"together": [{"these": ["temperature"]}]},
        {"ranges": {"temperature": [2, 1]}},
        {"ranges": {"seed": [0, 1]}},
        {"ranges": {"temperature": [0, float("inf")]}},
        {"ranges": {"temperature": [0, 10**400]}},
        {"most_stops": 0},
        {"most_stops": True},
        {"blank_stops": "no"},
        {"thinking": "hard"},
        {"efforts": []},
        {"limit_name": "max"},
        {"max_output_tokens": 10**40},
        {"name": "x"},
        {"nothing": 1},
        [],
        "text",
    ],
)
def test_what_a_row_cannot_say_is_told(told: Any) -> None:
    assert faults(told)


def test_an_administrators_word_stands_above_the_table() -> None:
    told = {"takes": {"refuses": ["seed"], "ranges": {"temperature": [0, 0.5]}, "most_stops": 2}}
    info = describe("p/o3", price_prefix="p", wire="openai", overrides=told)
    fitted = fit({"temperature": 1, "seed": 1, "stop_sequences": list("abc")}, supported=PARAMETERS, model=info)
    assert fitted.sent == {"temperature": 0.5, "stop_sequences": ["a", "b"]}
    assert fitted.dropped == ["seed", "stop_sequences"]
    assert info.family.limit_name == "max_completion_tokens"


def test_entries_have_the_clocks_of_models_that_think() -> None:
    entry = ProviderEntry("p", "P", object(), price_prefix="p")  # type: ignore[arg-type]
    assert entry.timeouts.first_byte > entry.timeouts.total
    assert entry.timeouts.idle == 120
