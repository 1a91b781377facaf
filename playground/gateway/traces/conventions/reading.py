"""A span read by whichever conventions it was written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from playground.gateway.traces.call import Call
from playground.gateway.traces.conventions import numbered, semantic
from playground.gateway.traces.conventions.settings import parameters_of, tools_as_ours
from playground.gateway.traces.conventions.values import as_count, as_number, as_text, first, loaded
from playground.gateway.traces.span import Span
from providers.base import Usage

OPERATIONS: Final = frozenset({"chat", "text_completion", "generate_content", "completion"})
"""What a call of a model is called, of `gen_ai.operation.name` and of `llm.request.type`."""
MODEL: Final = ("gen_ai.request.model", "llm.model_name", "embedding.model_name")
ANSWERED: Final = ("gen_ai.response.model",)
PROVIDER: Final = ("gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system", "llm.vendor")
CONVERSATION: Final = ("gen_ai.conversation.id", "session.id", "traceloop.association.properties.session_id")
FIRST_TOKEN: Final = ("gen_ai.response.time_to_first_chunk", "gen_ai.server.time_to_first_token")
FIRST_TOKEN_EVENTS: Final = frozenset({"First Token Stream Event", "gen_ai.content.first_chunk"})
INPUT: Final = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt",
                "llm.usage.prompt_tokens")  # fmt: skip
OUTPUT: Final = ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion",
                 "llm.usage.completion_tokens")  # fmt: skip
CACHE_READ: Final = ("gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens",
                     "llm.token_count.prompt_details.cache_read")  # fmt: skip
CACHE_WRITE: Final = ("gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_creation_input_tokens",
    "gen_ai.usage.cache_write.input_tokens",
                      "llm.token_count.prompt_details.cache_write")  # fmt: skip
REASONING: Final = ("gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens",
                    "llm.token_count.completion_details.reasoning", "llm.usage.reasoning_tokens")  # fmt: skip
CARRYING: Final = frozenset(
    {"gen_ai.client.inference.operation.details", "gen_ai.content.prompt", "gen_ai.content.completion"}
)
"""Events whose attributes are the call's own."""
FINISH: Final = (
    "gen_ai.response.finish_reasons",
    "gen_ai.response.finish_reason",
    "llm.response.finish_reason",
    "llm.response.stop_reason",
)
NANOSECONDS: Final = 1_000_000_000


def is_call(attributes: Mapping[str, Any]) -> bool:
    """Whether the span is one call of a model that writes: no agent, no tool, no retrieval, no embedding."""
    if (kind := attributes.get("openinference.span.kind")) is not None:
        return as_text(kind).upper() == "LLM"
    if attributes.get("traceloop.span.kind") is not None:
        return False
    operation = first(attributes, "gen_ai.operation.name", "llm.request.type")
    if operation is not None:
        return as_text(operation).lower() in OPERATIONS
    return first(attributes, *MODEL, *ANSWERED) is not None and first(attributes, *PROVIDER) is not None


def call_of(span: Span) -> Call | None:
    """The call that the span tells of; None where it tells of something else."""
    attributes = _with_those_of_events(span)
    if not is_call(attributes):
        return None
    call = Call(
        provider=as_text(first(attributes, *PROVIDER)),
        model=as_text(first(attributes, *MODEL, *ANSWERED))
        or _within(attributes, "llm.invocation_parameters", "model"),
        answered_model=as_text(first(attributes, *ANSWERED)),
        tools=tools_as_ours(numbered.tools_of(attributes)),
        parameters=parameters_of(attributes),
        usage=_usage(attributes),
        conversation=as_text(first(attributes, *CONVERSATION)),
        response_id=as_text(first(attributes, "gen_ai.response.id")) or _within(attributes, "output.value", "id"),
        error=_error(span, attributes),
    )
    reason = _take_texts(call, span, attributes)
    reasons = loaded(first(attributes, *FINISH))
    call.finish_reason = as_text(reasons[0] if isinstance(reasons, list) and reasons else reasons or reason)
    call.first_token = _first_token(span, attributes)
    return call


def _within(attributes: Mapping[str, Any], name: str, key: str) -> str:
    """A text in an attribute that is a JSON object; OpenInference has no place of its own for it."""
    told = loaded(attributes.get(name))
    value = told.get(key) if isinstance(told, Mapping) else None
    return value if isinstance(value, str) else ""


def _with_those_of_events(span: Span) -> dict[str, Any]:
    """Attributes, and what the conventions let stand on an event instead."""
    told = dict(span.attributes)
    for event in span.events:
        if event.name in CARRYING:
            for name, value in event.attributes.items():
                told.setdefault(name, value)
    return told


def _take_texts(call: Call, span: Span, attributes: Mapping[str, Any]) -> str:
    """Takes asked and answers from the first convention that tells of them; the finish reason that it names."""
    answers, reason = semantic.answers_of(attributes)
    call.asked, call.answers = semantic.asked_of(attributes), answers
    event_asked, event_answers, event_reason = semantic.of_events(span.events)
    llm_asked, llm_answers, llm_reason = numbered.openllmetry(attributes)
    inference_asked, inference_answers = numbered.openinference(attributes)
    call.asked = call.asked or event_asked or llm_asked or inference_asked
    call.answers = call.answers or event_answers or llm_answers or inference_answers
    return reason or event_reason or llm_reason


def _usage(attributes: Mapping[str, Any]) -> Usage:
    counts = [as_count(first(attributes, *names)) for names in (INPUT, OUTPUT, CACHE_READ, CACHE_WRITE, REASONING)]
    prompt, completion, read, written, reasoning = counts
    cached = (read or 0) + (written or 0)
    if prompt is not None and cached > prompt:
        prompt += cached  # Anthropic counts what is cached beside the rest, and some pass that on.
    return Usage(prompt, completion, read, written, reasoning_tokens=reasoning)


def _first_token(span: Span, attributes: Mapping[str, Any]) -> float | None:
    told = as_number(first(attributes, *FIRST_TOKEN))
    if told is None:
        told = next(
            (
                (event.at - span.started) / NANOSECONDS
                for event in span.events
                if event.name in FIRST_TOKEN_EVENTS and event.at and span.started
            ),
            None,
        )
    return told if told is not None and 0 <= told <= 10**6 else None


def _error(span: Span, attributes: Mapping[str, Any]) -> str:
    raised = next((event.attributes for event in span.events if event.name == "exception"), {})
    return as_text(first(attributes, "error.type") or raised.get("exception.type"))
