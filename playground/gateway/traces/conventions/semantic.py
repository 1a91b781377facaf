"""OpenTelemetry's own GenAI conventions, the newest first: JSON or structured attributes, then events of the span.

https://opentelemetry.io/docs/specs/semconv/gen-ai/; what is left of it is kept by the names of before 2025 as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from playground.gateway.traces.call import Said
from playground.gateway.traces.conventions.values import call_of, first, loaded, objects, said_of
from playground.gateway.traces.span import SpanEvent

EVENT_ROLES: Final = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}
CHOICE: Final = "gen_ai.choice"


def asked_of(attributes: Mapping[str, Any]) -> list[Said]:
    """What was asked: system instructions, then the messages."""
    instructions = loaded(first(attributes, "gen_ai.system_instructions"))
    told = loaded(first(attributes, "gen_ai.input.messages", "gen_ai.prompt"))
    system = [said_of("system", instructions)] if instructions else []
    return [*system, *_messages(told, "user")]


def answers_of(attributes: Mapping[str, Any]) -> tuple[list[Said], str]:
    """The choices, and the first finish reason that one of them names."""
    told = loaded(first(attributes, "gen_ai.output.messages", "gen_ai.completion"))
    reasons = [each["finish_reason"] for each in objects(told) if isinstance(each.get("finish_reason"), str)]
    return _messages(told, "assistant"), next(iter(reasons), "")


def of_events(events: Sequence[SpanEvent]) -> tuple[list[Said], list[Said], str]:
    """What events tell, one a message: asked, answers, finish reason."""
    asked, answers, reason = [], [], ""
    for event in events:
        body = _body(event)
        if event.name in EVENT_ROLES:
            asked.append(_message(body, EVENT_ROLES[event.name]))
        elif event.name == CHOICE:
            inner = loaded(body.get("message"))
            answers.append(
                _message(
                    inner if isinstance(inner, Mapping) else {**body, "content": inner or body.get("content")},
                    "assistant",
                )
            )
            reason = reason or str(body.get("finish_reason") or "")
    return asked, answers, reason


def _body(event: SpanEvent) -> Mapping[str, Any]:
    """Some write a message's fields as attributes, some as one object."""
    inner = loaded(first(event.attributes, "body", "event.body", "event_body"))
    return inner if isinstance(inner, Mapping) else event.attributes


def _messages(told: Any, role: str) -> list[Said]:
    if isinstance(told, str):
        return [said_of(role, told)]
    return [said for each in objects(told) for said in _split(each, role)]


def _split(message: Mapping[str, Any], role: str) -> list[Said]:
    """A message; one that holds results of several calls as one a result."""
    parts = objects(loaded(message.get("parts")))
    results = [each for each in parts if each.get("type") == "tool_call_response"]
    if len(results) > 1:
        return [said_of("tool", [each]) for each in results]
    return [_message(message, role)]


def _message(message: Mapping[str, Any], role: str) -> Said:
    content = first(message, "parts", "content", "text")
    said = said_of(message.get("role") or role, content, otherwise=role)
    for call in objects(loaded(message.get("tool_calls"))):
        function = call.get("function")
        of = function if isinstance(function, Mapping) else call
        said.calls.append(call_of(call.get("id"), of.get("name"), of.get("arguments")))
    if said.role == "tool" and not said.call_id:
        said.call_id = str(first(message, "tool_call_id", "id") or "")
    return said
