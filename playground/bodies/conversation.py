"""What of a conversation no provider takes, wherever it came from: told by its place before a row is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from foundation.json_schema.recursion import is_recursive
from foundation.problems import FieldError
from foundation.words import number
from providers.wires.images import split_data_url

MOST_SCHEMA_BYTES: Final = 64 * 1024
"""Of one tool's description: the largest that a provider is known to take is smaller."""
DEEPEST_SCHEMA: Final = 64


def faults_of(body: Mapping[str, Any]) -> list[FieldError]:
    """Each fault of a body's messages and tools, and of a choice between them, with its dotted field."""
    tools = body.get("tools") or ()
    return [
        *_of_messages(body.get("messages") or ()),
        *_of_parts("prompt", "user", body.get("parts") or ()),
        *_of_tools(tools),
        *_of_choice(body.get("parameters") or {}, tools),
    ]


def _of_messages(messages: Sequence[Mapping[str, Any]]) -> Iterator[FieldError]:
    called: set[str] = set()
    for position, message in enumerate(messages):
        place, role = f"messages.{position}", message["role"]
        yield from _of_content(place, message)
        if message.get("tool_calls"):
            if role == "assistant":
                yield from _of_calls(f"{place}.tool_calls", message["tool_calls"])
            else:
                yield _only_for(f"{place}.tool_calls", "assistant")
            called |= {call["id"] for call in message["tool_calls"] if isinstance(call.get("id"), str)}
        if role == "tool":
            yield from _of_result(f"{place}.tool_call_id", message.get("tool_call_id"), called)
        elif message.get("tool_call_id") is not None:
            yield _only_for(f"{place}.tool_call_id", "tool")


def _of_content(place: str, message: Mapping[str, Any]) -> Iterator[FieldError]:
    role, content = message["role"], message.get("content")
    place = f"{place}.content"
    if content is None:
        if role != "assistant" or not message.get("tool_calls"):
            words = "an assistant message says something or calls a tool" if role == "assistant" else "it is missing"
            yield FieldError(place, "required", f"A message of {role} has content: {words}.")
    elif isinstance(content, list):
        if not content:
            yield FieldError(place, "empty", "At least one part is expected.")
        yield from _of_parts(place, role, content)


def _of_parts(place: str, role: str, parts: Sequence[Mapping[str, Any]]) -> Iterator[FieldError]:
    for at, part in enumerate(parts):
        yield from _of_part(f"{place}.{at}", role, part)


def _of_part(place: str, role: str, part: Mapping[str, Any]) -> Iterator[FieldError]:
    if part.get("type") != "text" and role != "user":
        yield FieldError(place, "wrong_role", f"A message of {role} holds text only: pictures and files are a user's.")
    elif part.get("type") == "image_url":
        url = part["image_url"]["url"]
        if url.lstrip()[:5].lower() == "data:" and split_data_url(url) is None:
            yield FieldError(place, "no_image", "The data URL holds no picture in base64.")


def _of_calls(place: str, calls: Sequence[Mapping[str, Any]]) -> Iterator[FieldError]:
    ids = set()
    for position, call in enumerate(calls):
        at = f"{place}.{position}"
        if not isinstance(call.get("id"), str) or not call["id"]:
            yield FieldError(f"{at}.id", "required", "A call has an id, which its result names.")
        elif call["id"] in ids:
            yield FieldError(f"{at}.id", "duplicate", "Another call of this message has this id.")
        else:
            ids.add(call["id"])
        if call.get("type", "function") != "function":
            yield FieldError(f"{at}.type", "invalid", '"function" is expected.')
        function = call.get("function")
        if not isinstance(function, Mapping):
            yield FieldError(f"{at}.function", "required", "The name and the arguments of the call are expected.")
            continue
        if not isinstance(function.get("name"), str) or not function["name"]:
            yield FieldError(f"{at}.function.name", "required", "The name of the called tool is expected.")
        if not isinstance(function.get("arguments"), str):
            yield FieldError(f"{at}.function.arguments", "required", "The arguments are expected as JSON text.")


def _of_result(place: str, call_id: Any, called: set[str]) -> Iterator[FieldError]:
    if not call_id:
        yield FieldError(place, "required", "The id of the call that this is the result of is expected.")
    elif call_id not in called:
        yield FieldError(place, "unknown", "No call before this message has this id.")


def _only_for(place: str, role: str) -> FieldError:
    return FieldError(place, "wrong_role", f"Only a message of {role} has it.")


def _of_tools(tools: Sequence[Mapping[str, Any]]) -> Iterator[FieldError]:
    names = set()
    for position, tool in enumerate(tools):
        if tool["name"] in names:
            yield FieldError(f"tools.{position}.name", "duplicate", "Another tool has this name.")
        names.add(tool["name"])
        yield from _of_schema(f"tools.{position}.parameters", tool.get("parameters") or {})


def _of_schema(place: str, schema: Mapping[str, Any]) -> Iterator[FieldError]:
    if schema.get("type", "object") != "object":
        yield FieldError(f"{place}.type", "invalid", 'The arguments of a tool are an object: "object" is expected.')
    elif not isinstance(schema.get("properties", {}), Mapping):
        yield FieldError(f"{place}.properties", "invalid", "An object of schemas is expected.")
    elif _depth_of(schema) > DEEPEST_SCHEMA:
        yield FieldError(place, "too_deep", f"The schema is nested deeper than {DEEPEST_SCHEMA} levels.")
    elif len(orjson.dumps(schema)) > MOST_SCHEMA_BYTES:
        yield FieldError(place, "too_large", f"A tool's schema has up to {number(MOST_SCHEMA_BYTES)} bytes of JSON.")
    elif is_recursive(schema):
        message = "The schema contains itself ($ref), or refers to what is not in it: no provider takes that."
        yield FieldError(place, "recursive_schema", message)


def _depth_of(value: Any) -> int:
    """How deep a value is nested; it stops counting soon after DEEPEST_SCHEMA."""
    level, depth = [value], 0
    while level and depth <= DEEPEST_SCHEMA:
        depth += 1
        level = [inner for outer in level for inner in _inside(outer)]
    return depth


def _inside(value: Any) -> list[Any]:
    inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return [each for each in inside if isinstance(each, Mapping | list)]


def _of_choice(parameters: Mapping[str, Any], tools: Sequence[Mapping[str, Any]]) -> Iterator[FieldError]:
    choice = parameters.get("tool_choice")
    if isinstance(choice, Mapping) and choice["name"] not in [tool["name"] for tool in tools]:
        yield FieldError("parameters.tool_choice", "unknown", "There is no tool of this name.")
