"""The same conversation as each of the conventions tells it is the same execution."""

from __future__ import annotations

import json
from typing import Any

import pytest

from playground.gateway.traces.conventions.reading import call_of
from playground.gateway.traces.rows import answer_of, model_of, request_of
from playground.gateway.traces.span import Span, SpanEvent
from providers.base import Usage

SECOND = 10**9
ARGUMENTS = {"city": "Oslo"}
ASKED = {
    "prompt": "",
    "system_prompt": "Be brief.",
    "messages": [
        {"role": "user", "content": "Weather?"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Oslo"}'}}
            ],
        },
        {"role": "tool", "content": "4 °C, rain", "tool_call_id": "call_1"},
    ],
    "tools": [{"name": "weather", "description": "Now.", "parameters": {"type": "object"}}],
}
ANSWER = {
    "response": "Rain.",
    "tool_executions": [
        {"id": "call_2", "tool_name": "umbrella", "arguments": {"size": 2}, "status": "requested"},
    ],
}
TOOL = {"name": "weather", "description": "Now.", "parameters": {"type": "object"}}

NEWEST = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "anthropic",
    "gen_ai.request.model": "claude-x",
    "gen_ai.system_instructions": [{"type": "text", "content": "Be brief."}],
    "gen_ai.input.messages": [
        {"role": "user", "parts": [{"type": "text", "content": "Weather?"}]},
        {
            "role": "assistant",
            "parts": [{"type": "tool_call", "id": "call_1", "name": "weather", "arguments": ARGUMENTS}],
        },
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "call_1", "response": "4 °C, rain"}]},
    ],
    "gen_ai.output.messages": [
        {
            "role": "assistant",
            "parts": [
                {"type": "text", "content": "Rain."},
                {"type": "tool_call", "id": "call_2", "name": "umbrella", "arguments": {"size": 2}},
            ],
            "finish_reason": "tool_call",
        }
    ],
    "gen_ai.tool.definitions": [{"type": "function", **TOOL}],
    "gen_ai.usage.input_tokens": 90,
    "gen_ai.usage.output_tokens": 12,
    "gen_ai.usage.cache_read.input_tokens": 40,
    "gen_ai.usage.cache_creation.input_tokens": 20,
    "gen_ai.usage.reasoning.output_tokens": 5,
}
AS_TEXT = {name: json.dumps(value) if isinstance(value, list) else value for name, value in NEWEST.items()}
OLDER = {
    "gen_ai.operation.name": "chat",
    "gen_ai.system": "anthropic",
    "gen_ai.request.model": "claude-x",
    "gen_ai.request.tools": json.dumps([{"type": "function", "function": TOOL}]),
    "gen_ai.response.finish_reasons": ["tool_calls"],
    "gen_ai.usage.prompt_tokens": 90,
    "gen_ai.usage.completion_tokens": 12,
    "gen_ai.usage.cache_read_input_tokens": 40,
    "gen_ai.usage.cache_creation_input_tokens": 20,
    "gen_ai.usage.reasoning_tokens": 5,
}
CALLED = [{"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": json.dumps(ARGUMENTS)}}]
CALLS = [{"id": "call_2", "type": "function", "function": {"name": "umbrella", "arguments": '{"size": 2}'}}]
TURNS = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Weather?"},
    {"role": "assistant", "content": None, "tool_calls": CALLED},
    {"role": "tool", "tool_call_id": "call_1", "content": "4 °C, rain"},
]
EVENTS = (
    SpanEvent("gen_ai.system.message", {"gen_ai.system": "anthropic", "content": "Be brief."}),
    SpanEvent("gen_ai.user.message", {"content": "Weather?"}),
    SpanEvent("gen_ai.assistant.message", {"tool_calls": json.dumps(CALLED)}),
    SpanEvent("gen_ai.tool.message", {"id": "call_1", "content": "4 °C, rain"}),
    SpanEvent(
        "gen_ai.choice",
        {
            "index": 0,
            "finish_reason": "tool_calls",
            "message": json.dumps({"role": "assistant", "content": "Rain.", "tool_calls": CALLS}),
        },
    ),
)
OPENLLMETRY = {
    "llm.request.type": "chat",
    "gen_ai.system": "Anthropic",
    "gen_ai.request.model": "claude-x",
    "gen_ai.prompt.0.role": "system",
    "gen_ai.prompt.0.content": "Be brief.",
    "gen_ai.prompt.1.role": "user",
    "gen_ai.prompt.1.content": "Weather?",
    "gen_ai.prompt.2.role": "assistant",
    "gen_ai.prompt.2.tool_calls.0.id": "call_1",
    "gen_ai.prompt.2.tool_calls.0.name": "weather",
    "gen_ai.prompt.2.tool_calls.0.arguments": json.dumps(ARGUMENTS),
    "gen_ai.prompt.3.role": "tool",
    "gen_ai.prompt.3.tool_call_id": "call_1",
    "gen_ai.prompt.3.content": "4 °C, rain",
    "gen_ai.completion.0.role": "assistant",
    "gen_ai.completion.0.content": "Rain.",
    "gen_ai.completion.0.finish_reason": "tool_calls",
    "gen_ai.completion.0.tool_calls.0.id": "call_2",
    "gen_ai.completion.0.tool_calls.0.name": "umbrella",
    "gen_ai.completion.0.tool_calls.0.arguments": '{"size": 2}',
    "llm.request.functions.0.name": "weather",
    "llm.request.functions.0.description": "Now.",
    "llm.request.functions.0.parameters": '{"type": "object"}',
    "gen_ai.usage.prompt_tokens": 90,
    "gen_ai.usage.completion_tokens": 12,
    "gen_ai.usage.cache_read_input_tokens": 40,
    "gen_ai.usage.cache_creation_input_tokens": 20,
    "gen_ai.usage.reasoning_tokens": 5,
}
OPENINFERENCE = {
    "openinference.span.kind": "LLM",
    "llm.provider": "anthropic",
    "llm.model_name": "claude-x",
    "llm.input_messages.0.message.role": "system",
    "llm.input_messages.0.message.content": "Be brief.",
    "llm.input_messages.1.message.role": "user",
    "llm.input_messages.1.message.contents.0.message_content.type": "text",
    "llm.input_messages.1.message.contents.0.message_content.text": "Weather?",
    "llm.input_messages.2.message.role": "assistant",
    "llm.input_messages.2.message.tool_calls.0.tool_call.id": "call_1",
    "llm.input_messages.2.message.tool_calls.0.tool_call.function.name": "weather",
    "llm.input_messages.2.message.tool_calls.0.tool_call.function.arguments": json.dumps(ARGUMENTS),
    "llm.input_messages.3.message.role": "tool",
    "llm.input_messages.3.message.tool_call_id": "call_1",
    "llm.input_messages.3.message.content": "4 °C, rain",
    "llm.output_messages.0.message.role": "assistant",
    "llm.output_messages.0.message.content": "Rain.",
    "llm.output_messages.0.message.tool_calls.0.tool_call.id": "call_2",
    "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "umbrella",
    "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments": '{"size": 2}',
    "llm.tools.0.tool.json_schema": json.dumps({"type": "function", "function": TOOL}),
    "llm.response.finish_reason": "tool_calls",
    "llm.token_count.prompt": 90,
    "llm.token_count.completion": 12,
    "llm.token_count.prompt_details.cache_read": 40,
    "llm.token_count.prompt_details.cache_write": 20,
    "llm.token_count.completion_details.reasoning": 5,
    "input.value": '{"messages": []}',
    "input.mime_type": "application/json",
}


def span(attributes: dict[str, Any], events: tuple[SpanEvent, ...] = ()) -> Span:
    """A span of two seconds."""
    return Span("a" * 32, "b" * 16, "chat", SECOND, 3 * SECOND, attributes, {}, events)


@pytest.mark.parametrize(
    ("attributes", "events"),
    [
        (NEWEST, ()),
        (AS_TEXT, ()),
        (OLDER, (SpanEvent("gen_ai.client.inference.operation.details", AS_TEXT),)),
        (
            {
                **OLDER,
                "gen_ai.prompt": json.dumps(TURNS),
                "gen_ai.completion": json.dumps(
                    [{"role": "assistant", "content": "Rain.", "tool_calls": CALLS, "finish_reason": "tool_calls"}]
                ),
            },
            (),
        ),
        (OLDER, EVENTS),
        (OPENLLMETRY, ()),
        (OPENINFERENCE, ()),
    ],
    ids=["newest", "newest_as_text", "on_an_event", "older_attributes", "older_events", "openllmetry", "openinference"],
)
def test_each_convention_tells_the_same(attributes: dict[str, Any], events: tuple[SpanEvent, ...]) -> None:
    call = call_of(span(attributes, events))
    assert call is not None
    assert model_of(call) == "anthropic/claude-x"
    assert request_of(call) == ASKED
    assert answer_of(call.answers) == ANSWER
    assert call.finish_reason in ("tool_call", "tool_calls")
    assert call.usage == Usage(90, 12, 40, 20, reasoning_tokens=5)


def test_the_last_question_of_a_user_is_the_prompt() -> None:
    call = call_of(
        span(
            {
                **NEWEST,
                "gen_ai.input.messages": [
                    {"role": "user", "parts": [{"type": "text", "content": "Hi"}]},
                    {
                        "role": "assistant",
                        "parts": [{"type": "reasoning", "content": "Hm"}, {"type": "text", "content": "Hello"}],
                    },
                    {
                        "role": "user",
                        "parts": [{"type": "text", "content": "And?"}, {"type": "blob", "content": "aGk="}],
                    },
                ],
            }
        )
    )
    assert call is not None
    request = request_of(call)
    assert request["prompt"] == "And?"
    assert [turn["content"] for turn in request["messages"]] == ["Hi", "Hello"]
    assert call.asked[-1].left_out == 1


@pytest.mark.parametrize(
    "attributes",
    [
        {"http.request.method": "POST"},
        {**NEWEST, "gen_ai.operation.name": "execute_tool"},
        {**NEWEST, "gen_ai.operation.name": "invoke_agent"},
        {**NEWEST, "gen_ai.operation.name": "embeddings"},
        {**OPENINFERENCE, "openinference.span.kind": "CHAIN"},
        {"traceloop.span.kind": "workflow", "traceloop.entity.name": "x"},
        {"gen_ai.request.model": "claude-x"},
    ],
)
def test_what_is_no_call_of_a_model_is_none(attributes: dict[str, Any]) -> None:
    assert call_of(span(attributes)) is None


def test_parameters_are_those_that_can_be_run_again() -> None:
    semantic = call_of(
        span(
            {
                **NEWEST,
                "gen_ai.request.temperature": 9.0,
                "gen_ai.request.top_p": 0.5,
                "gen_ai.request.stop_sequences": ["END"],
                "gen_ai.request.seed": 7,
                "gen_ai.request.frequency_penalty": -1.0,
                "gen_ai.request.presence_penalty": 1,
            }
        )
    )
    inference = call_of(
        span(
            {
                **OPENINFERENCE,
                "llm.invocation_parameters": json.dumps(
                    {"temperature": 0.1, "max_tokens": 5, "stop": "END", "model": "claude-x", "stream": True}
                ),
            }
        )
    )
    assert semantic is not None
    assert semantic.parameters == {
        "top_p": 0.5, "frequency_penalty": -1.0, "presence_penalty": 1.0, "seed": 7, "stop_sequences": ["END"],
    }  # fmt: skip
    assert inference is not None
    assert inference.parameters == {"temperature": 0.1, "max_tokens": 5, "stop_sequences": ["END"]}


def test_the_first_token_comes_from_an_attribute_or_an_event() -> None:
    told = call_of(span({**NEWEST, "gen_ai.response.time_to_first_chunk": 0.25}))
    seen = call_of(span(OPENINFERENCE, (SpanEvent("First Token Stream Event", {}, SECOND + SECOND // 2),)))
    assert (told and told.first_token, seen and seen.first_token) == (0.25, 0.5)


def test_what_a_cache_gave_is_part_of_the_input() -> None:
    call = call_of(span({**NEWEST, "gen_ai.usage.input_tokens": 30}))
    assert call is not None
    assert call.usage.prompt_tokens == 90


def test_providers_have_the_names_that_prices_are_listed_by() -> None:
    for told, ours in (
        ("aws.bedrock", "bedrock"),
        ("azure.ai.openai", "azure"),
        ("gcp.vertex_ai", "vertex_ai"),
        ("mistral_ai", "mistral"),
        ("", "unknown"),
        ("My Own!", "my-own"),
    ):
        call = call_of(span({**NEWEST, "gen_ai.provider.name": told or " "}))
        assert call is not None
        assert model_of(call) == f"{ours}/claude-x"


def test_a_message_of_very_many_parts_is_cut_and_told() -> None:
    parts = [{"type": "text", "content": "x"}] * 5_000
    call = call_of(span({**NEWEST, "gen_ai.input.messages": [{"role": "user", "parts": parts}]}))
    assert call is not None
    assert (len(call.asked[-1].text.split()), call.asked[-1].left_out) == (2_000, 3_000)


def test_a_call_that_failed_names_its_model_in_its_parameters() -> None:
    told = {"openinference.span.kind": "LLM", "llm.system": "openai", "llm.invocation_parameters": '{"model": "m"}'}
    call = call_of(span(told))
    assert call is not None
    assert model_of(call) == "openai/m"
