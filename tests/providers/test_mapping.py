"""Requests in each provider's words."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.base import ListedModel, Message, ProviderRequest
from providers.errors import Code, ProviderFailure
from providers.families.thinking import UNKNOWN_LIMIT
from providers.wires.anthropic import mapping as anthropic
from providers.wires.anthropic.messages import conversation
from providers.wires.ollama import mapping as ollama
from providers.wires.openai import mapping as openai
from providers.wires.think_tags import ThinkTags
from tests.providers.questions import CALCULATOR, request_for

PIXEL = "data:image/png;base64,iVBORw0KGgo="
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
PICTURE = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": PIXEL}}]
CALLED: Message = {
    "role": "assistant",
    "content": None,
    "tool_calls": [
        {"id": "c1", "type": "function", "function": {"name": "calculator", "arguments": '{"expression": "1"}'}},
        {"id": "c2", "type": "function", "function": {"name": "calculator", "arguments": "no json"}},
    ],
}
RESULTS: list[Message] = [
    {"role": "tool", "tool_call_id": "c1", "content": "1"},
    {"role": "tool", "tool_call_id": "c2", "content": "error"},
]


def test_openai_parameters() -> None:
    body = openai.body_of(request_for("gpt-4o", max_tokens=5, stop_sequences=["a"], seed=1, temperature=0, top_p=None))
    assert body["max_tokens"] == 5
    assert body["stop"] == ["a"]
    assert (body["seed"], body["temperature"]) == (1, 0)
    assert "top_p" not in body
    assert body["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("o3-mini", "max_completion_tokens"),
        ("gpt-5.1", "max_completion_tokens"),
        ("openai/o1", "max_completion_tokens"),
        ("gpt-5-chat-latest", "max_tokens"),
        ("gpt-4o", "max_tokens"),
        ("llama-3", "max_tokens"),
        ("olmo2", "max_tokens"),
    ],
)
def test_openai_names_the_limit_by_the_model(model: str, name: str) -> None:
    assert openai.body_of(request_for(model, max_tokens=5))[name] == 5


@pytest.mark.parametrize("given_schema", [SCHEMA, {"schema": SCHEMA}, {"name": "answer", "schema": SCHEMA}])
def test_a_schema_may_come_bare(given_schema: dict[str, Any]) -> None:
    wanted = {"type": "json_schema", "json_schema": given_schema}
    body = openai.body_of(request_for("m", response_format=wanted))
    assert body["response_format"] == {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA}}
    assert ollama.body_of(request_for("m", response_format=wanted))["format"] == SCHEMA
    output = anthropic.body_of(request_for("m", response_format=wanted))["output_config"]
    assert output == {"format": {"type": "json_schema", "schema": {**SCHEMA, "additionalProperties": False}}}


@pytest.mark.parametrize(
    ("choice", "in_openai", "in_anthropic"),
    [
        ("auto", "auto", {"type": "auto"}),
        ("none", "none", {"type": "none"}),
        ("required", "required", {"type": "any"}),
        (
            {"name": "calculator"},
            {"type": "function", "function": {"name": "calculator"}},
            {"type": "tool", "name": "calculator"},
        ),
    ],
)
def test_tools(choice: Any, in_openai: Any, in_anthropic: Any) -> None:
    request = request_for("m", tools=[CALCULATOR], tool_choice=choice)
    assert openai.body_of(request)["tool_choice"] == in_openai
    assert openai.body_of(request)["tools"] == [{"type": "function", "function": CALCULATOR}]
    body = anthropic.body_of(request)
    assert body["tool_choice"] == in_anthropic
    assert body["tools"][0]["input_schema"] == CALCULATOR["parameters"]


def test_a_choice_without_tools_is_not_sent() -> None:
    assert "tool_choice" not in openai.body_of(request_for("m", tool_choice="required"))
    assert "tool_choice" not in anthropic.body_of(request_for("m", tool_choice="required"))


def test_anthropic_messages() -> None:
    asked: list[Message] = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": PICTURE}]
    system, turns = conversation([*asked, CALLED, *RESULTS])
    assert system == "Be brief."
    assert [turn["role"] for turn in turns] == ["user", "assistant", "user"]
    image = turns[0]["content"][1]["source"]
    assert image == {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
    assert [block["input"] for block in turns[1]["content"]] == [{"expression": "1"}, {"arguments": "no json"}]
    assert [block["tool_use_id"] for block in turns[2]["content"]] == ["c1", "c2"]


def test_anthropic_needs_a_limit_and_leaves_empty_text_out() -> None:
    body = anthropic.body_of(ProviderRequest("m", [{"role": "user", "content": ""}, {"role": "user", "content": "a"}]))
    assert body["max_tokens"] == UNKNOWN_LIMIT
    assert body["messages"] == [{"role": "user", "content": [{"type": "text", "text": "a"}]}]


def test_anthropic_thinking() -> None:
    budget = anthropic.body_of(request_for("claude-sonnet-4-5", reasoning_effort="low", max_tokens=100))
    assert budget["thinking"]["budget_tokens"] < budget["max_tokens"]
    effort = anthropic.body_of(request_for("claude-opus-4-7", reasoning_effort="high", max_tokens=100))
    assert (effort["thinking"], effort["output_config"]) == ({"type": "adaptive"}, {"effort": "high"})
    answering = ProviderRequest("claude-sonnet-4-5", [CALLED, *RESULTS], {"reasoning_effort": "low"})
    assert "thinking" not in anthropic.body_of(answering)


def test_anthropic_json_is_asked_for_in_words() -> None:
    assert anthropic.body_of(request_for("m", response_format={"type": "json_object"}))["system"].endswith(
        anthropic.JSON_OBJECT
    )


def test_ollama_parameters() -> None:
    body = ollama.body_of(request_for("m", max_tokens=5, stop_sequences=["a"], response_format={"type": "json_object"}))
    assert body["options"] == {"num_predict": 5, "stop": ["a"], "num_ctx": 4096}
    assert (body["format"], body["stream"]) == ("json", True)


@pytest.mark.parametrize(
    ("model", "effort", "think"), [("qwen3", "low", True), ("qwen3", "minimal", False), ("gpt-oss:20b", "high", "high")]
)
def test_ollama_thinking(model: str, effort: str, think: object) -> None:
    assert ollama.body_of(request_for(model, reasoning_effort=effort))["think"] == think


def test_ollama_messages() -> None:
    body = ollama.body_of(ProviderRequest("m", [{"role": "user", "content": PICTURE}, CALLED, *RESULTS]))
    assert body["messages"][0] == {"role": "user", "content": "What is it?", "images": ["iVBORw0KGgo="]}
    assert body["messages"][1]["tool_calls"][1]["function"]["arguments"] == {"arguments": "no json"}
    assert body["messages"][2]["tool_name"] == "calculator"


def test_ollama_takes_no_image_by_url() -> None:
    message = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}]}
    with pytest.raises(ProviderFailure) as caught:
        ollama.body_of(ProviderRequest("m", [message]))
    assert caught.value.code == Code.PROVIDER_REFUSED


@pytest.mark.parametrize(
    ("row", "model"),
    [
        ({"id": "a"}, ListedModel("a")),
        ({"id": "a", "max_model_len": 9, "name": "A"}, ListedModel("a", {"name": "A", "context_window": 9})),
        (
            {"id": "a", "context_length": 9, "top_provider": {"max_completion_tokens": 4}},
            ListedModel("a", {"context_window": 9, "max_output_tokens": 4}),
        ),
        ({"id": "a", "context_length": "many", "top_provider": 5}, ListedModel("a")),
        ({"id": 5}, None),
        ("a", None),
    ],
)
def test_rows_of_openais_listing(row: object, model: ListedModel | None) -> None:
    assert openai.listed(row) == model


THOUGHTFUL = [
    ("<think>a</think>b", ("a", "b")),
    ("\n<think>\na b\n</think>\n\nc</think>d", ("a b\n", "c</think>d")),
    ("<think>a", ("a", "")),
    ("<think></think>b", ("", "b")),
    ("no <think>a</think>", ("", "no <think>a</think>")),
    ("<thi", ("", "<thi")),
    ("<b>a</b>", ("", "<b>a</b>")),
    ("  x", ("", "  x")),
]


@given(st.sampled_from(THOUGHTFUL), st.lists(st.integers(0, 30)))
def test_think_tags_may_be_cut_anywhere(case: tuple[str, tuple[str, str]], at: list[int]) -> None:
    text, expected = case
    edges = [0, *sorted(position % (len(text) + 1) for position in at), len(text)]
    tags = ThinkTags()
    thoughts, answer = "", ""
    for start, end in itertools.pairwise(edges):
        # Once the tags are over, the answer takes text as it is.
        found = ("", text[start:end]) if tags.is_over else tags.feed(text[start:end])
        thoughts, answer = thoughts + found[0], answer + found[1]
    found = tags.close()
    assert (thoughts + found[0], answer + found[1]) == expected
