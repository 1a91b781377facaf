"""What is sent of a request in place of what was asked: every text that a person, a template or a tool has written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from privacy.masking.placeholders import Placeholders
from privacy.masking.restoring import each_string
from privacy.masking.rules import Detector

Message = dict[str, Any]
Change = Callable[[str], str]

NOT_TEXT: Final = frozenset({"type", "$ref", "$id", "$schema", "$anchor", "format", "pattern"})
"""Words of a JSON schema whose values are no text."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a model is asked, as the engine has it: messages, tools and parameters."""

    messages: Sequence[Message]
    tools: Sequence[Mapping[str, Any]]
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Masked:
    """What is sent in its place, and what stands for what in it."""

    sent: Asked
    placeholders: Placeholders
    fingerprint: str
    """Of the rules."""


def masked(asked: Asked, detector: Detector) -> Masked:
    """The request without what the rules find; texts keep their places."""
    placeholders = Placeholders(detector)
    placeholders.reserve(_texts(asked))
    return Masked(_changed(asked, placeholders.masked), placeholders, detector.fingerprint)


def unmaskable(messages: Sequence[Message]) -> int:
    """How many parts of the messages are no text."""
    contents = (message.get("content") for message in messages)
    parts = [part for content in contents if isinstance(content, list) for part in content]
    return sum(part.get("type") != "text" for part in parts)


def _texts(asked: Asked) -> Iterator[str]:
    found: list[str] = []

    def see(text: str) -> str:
        found.append(text)
        return text

    _changed(asked, see)
    return iter(found)


def _changed(asked: Asked, change: Change) -> Asked:
    """With `change` done to every text, in the order in which a model reads them."""
    return Asked(
        messages=[_message(message, change) for message in asked.messages],
        tools=[_tool(tool, change) for tool in asked.tools],
        parameters=_parameters(asked.parameters, change),
    )


def _message(message: Message, change: Change) -> Message:
    new = dict(message)
    content = message.get("content")
    if isinstance(content, str):
        new["content"] = change(content)
    elif isinstance(content, list):
        new["content"] = [_part(part, change) for part in content]
    if isinstance(calls := message.get("tool_calls"), list):
        new["tool_calls"] = [_call(call, change) for call in calls]
    return new


def _part(part: Any, change: Change) -> Any:
    if isinstance(part, Mapping) and isinstance(part.get("text"), str):
        return {**part, "text": change(part["text"])}
    return part


def _call(call: Any, change: Change) -> Any:
    function = call.get("function") if isinstance(call, Mapping) else None
    if not isinstance(function, Mapping):
        return call
    return {**call, "function": {**function, "arguments": _arguments(function.get("arguments"), change)}}


def _arguments(written: Any, change: Change) -> Any:
    """The arguments of an earlier call: JSON text, or a value."""
    if not isinstance(written, str):
        return each_string(written, change)
    try:
        value = orjson.loads(written)
    except orjson.JSONDecodeError:
        return change(written)
    changed = each_string(value, change)
    return written if changed == value else orjson.dumps(changed).decode()


def _tool(tool: Mapping[str, Any], change: Change) -> Mapping[str, Any]:
    return {name: value if name == "name" else _schema(value, change) for name, value in tool.items()}


def _parameters(parameters: Mapping[str, Any], change: Change) -> Mapping[str, Any]:
    new = dict(parameters)
    if stops := parameters.get("stop_sequences"):
        new["stop_sequences"] = [change(each) if isinstance(each, str) else each for each in stops]
    wanted = parameters.get("response_format")
    if isinstance(wanted, Mapping) and isinstance(shape := wanted.get("json_schema"), Mapping):
        new["response_format"] = {**wanted, "json_schema": _tool(shape, change)}
    return new


def _schema(value: Any, change: Change, *, is_text: bool = True) -> Any:
    """A JSON schema, or a description: its texts and values; names of properties stay, since answers have them."""
    match value:
        case str():
            return change(value) if is_text else value
        case list() | tuple():
            return [_schema(inner, change, is_text=is_text) for inner in value]
        case Mapping():
            return {
                name: _schema(inner, change, is_text=not (name in NOT_TEXT and isinstance(inner, str)))
                for name, inner in value.items()
            }
        case _:
            return value
