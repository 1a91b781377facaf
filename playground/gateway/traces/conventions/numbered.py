"""Messages with a number in their names: OpenLLMetry's `gen_ai.prompt.0.content`, OpenInference's
`llm.input_messages.0.message.content`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playground.gateway.traces.call import Said
from playground.gateway.traces.conventions.values import as_text, call_of, first, indexed, joined, loaded, said_of


def openllmetry(attributes: Mapping[str, Any]) -> tuple[list[Said], list[Said], str]:
    """asked, answers, finish reason."""
    answers = indexed(attributes, "gen_ai.completion")
    reason = next((as_text(each["finish_reason"]) for each in answers if each.get("finish_reason")), "")
    asked = [_of_openllmetry(each, "user") for each in indexed(attributes, "gen_ai.prompt")]
    return asked, [_of_openllmetry(each, "assistant") for each in answers], reason


def openinference(attributes: Mapping[str, Any]) -> tuple[list[Said], list[Said]]:
    """asked, answers; a span of a plain completion has `input.value` and `output.value` alone."""
    asked = [_of_openinference(each, "user") for each in indexed(attributes, "llm.input_messages")]
    answers = [_of_openinference(each, "assistant") for each in indexed(attributes, "llm.output_messages")]
    if not asked and attributes.get("input.mime_type", "text/plain") == "text/plain" and attributes.get("input.value"):
        asked = [said_of("user", as_text(attributes["input.value"]))]
    if (
        not answers
        and attributes.get("output.mime_type", "text/plain") == "text/plain"
        and attributes.get("output.value")
    ):
        answers = [said_of("assistant", as_text(attributes["output.value"]))]
    return asked, answers


def tools_of(attributes: Mapping[str, Any]) -> list[Any]:
    """Tools that could be called, each in its writer's shape."""
    listed = loaded(first(attributes, "gen_ai.tool.definitions", "gen_ai.request.tools"))
    if isinstance(listed, list):
        return listed
    if numbered := indexed(attributes, "llm.request.functions"):
        return [{**each, "parameters": loaded(each.get("parameters"))} for each in numbered]
    return [loaded(first(each, "tool.json_schema")) for each in indexed(attributes, "llm.tools")]


def _of_openllmetry(told: Mapping[str, Any], role: str) -> Said:
    said = said_of(told.get("role") or role, told.get("content"), otherwise=role)
    for call in indexed(told, "tool_calls"):
        said.calls.append(call_of(call.get("id"), call.get("name"), call.get("arguments")))
    if told.get("function_call.name"):
        said.calls.append(call_of("", told["function_call.name"], told.get("function_call.arguments")))
    if said.role == "tool":
        said.call_id = as_text(told.get("tool_call_id"))
    return said


def _of_openinference(told: Mapping[str, Any], role: str) -> Said:
    said = said_of(told.get("message.role") or role, told.get("message.content"), otherwise=role)
    texts, thoughts = [said.text], list[str]()
    for part in indexed(told, "message.contents"):
        kind = part.get("message_content.type")
        words = as_text(part.get("message_content.text"))
        if kind == "text" or (kind is None and words):
            texts.append(words)
        elif kind == "reasoning":
            thoughts.append(words)
        else:
            said.left_out += 1
    said.text, said.reasoning = joined(texts), said.reasoning or joined(thoughts)
    for call in indexed(told, "message.tool_calls"):
        name, arguments = call.get("tool_call.function.name"), call.get("tool_call.function.arguments")
        said.calls.append(call_of(call.get("tool_call.id"), name, arguments))
    if said.role == "tool":
        said.call_id = as_text(told.get("message.tool_call_id"))
    return said
