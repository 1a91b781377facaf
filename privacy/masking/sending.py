"""What is sent of a request in place of what was asked: every text that a person, a template or a tool has written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from privacy.masking.placeholders import Placeholders
from privacy.masking.rules import Detector

Message = dict[str, Any]
Change = Callable[[str], str]

NOT_TEXT: Final = frozenset({"type", "$ref", "$id", "$schema", "$anchor", "format"})
"""Words of a JSON schema whose values are no text."""
VALUES: Final = frozenset({"enum", "const", "default", "example", "examples"})
"""Words whose values are data, and no schemas."""


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

    def again(self, asked: Asked) -> Masked:
        """A longer request of the same run, by the same rules."""
        return masked(asked, self.placeholders.detector)


def masked(asked: Asked, detector: Detector) -> Masked:
    """The request without what the rules find; texts keep their places."""
    placeholders = Placeholders(detector)
    placeholders.reserve(_texts(asked))
    return Masked(_changed(asked, placeholders.masked), placeholders, detector.fingerprint)


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
    """A part with its text; a picture or file with what it is called, which a model reads, too."""
    if not isinstance(part, Mapping):
        return part
    new = {**part, **{name: change(part[name]) for name in ("text", "name", "alt") if isinstance(part.get(name), str)}}
    facts = part.get("facts")
    if isinstance(facts, Mapping) and isinstance(facts.get("name"), str):
        new["facts"] = {**facts, "name": change(facts["name"])}
    return new


def _call(call: Any, change: Change) -> Any:
    function = call.get("function") if isinstance(call, Mapping) else None
    if not isinstance(function, Mapping):
        return call
    return {**call, "function": {**function, "arguments": _arguments(function.get("arguments"), change)}}


def _arguments(written: Any, change: Change) -> Any:
    """The arguments of an earlier call: JSON text, or a value."""
    if not isinstance(written, str):
        return _data(written, change)
    try:
        value = orjson.loads(written)
    except orjson.JSONDecodeError:
        return change(written)
    changed = _data(value, change)
    return written if changed == value else orjson.dumps(changed).decode()


def _data(value: Any, change: Change) -> Any:
    """A JSON value with every string in it changed, keys as well; a number that is masked is a string then."""
    match value:
        case str():
            return change(value)
        case list() | tuple():
            return [_data(inner, change) for inner in value]
        case Mapping():
            return {change(name): _data(inner, change) for name, inner in value.items()}
        case int() if not isinstance(value, bool):
            changed = change(str(value))
            return value if changed == str(value) else changed
        case _:
            return value


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


def _schema(value: Any, change: Change) -> Any:
    """A JSON schema: its texts, the values in it, and what its properties are called."""
    match value:
        case str():
            return change(value)
        case list() | tuple():
            return [_schema(inner, change) for inner in value]
        case Mapping():
            return dict(_words(value, change))
        case _:
            return value


def _words(schema: Mapping[str, Any], change: Change) -> Iterator[tuple[str, Any]]:
    for word, value in schema.items():
        if word in NOT_TEXT and isinstance(value, str):
            yield word, value
        elif word in VALUES:
            yield word, _data(value, change)
        elif word == "properties" and isinstance(value, Mapping):
            yield word, {change(name): _schema(inner, change) for name, inner in value.items()}
        elif word == "pattern" and isinstance(value, str):
            # No answer with a placeholder would fit it; the answer that is shown is held against the schema as it is.
            if change(value) == value:
                yield word, value
        else:
            yield word, _schema(value, change)
