"""Whether the parts of a whole call hold: messages, tools, the answer's format. Every fault has its dotted place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import orjson

from foundation.json_schema.reach import InvalidSchema
from foundation.json_schema.recursion import is_recursive
from foundation.json_schema.validators import validator_of
from foundation.problems import FieldError
from foundation.rest.serializers import LONGEST_TEXT
from foundation.words import number
from templates_app.call.parts import part_faults, unknown_names
from templates_app.call.turns import ROLES, SYSTEM, USER
from templates_app.rendering.placeholders import name_of
from templates_app.rendering.sandbox.limits import NO_TEXT

MOST_MESSAGES: Final = 200
"""Of a version."""
MOST_VALUES: Final = 500
"""Messages that one variable brings."""
MOST_PARTS: Final = 50
LARGEST_MESSAGES: Final = 6 * 1024 * 1024
"""Bytes of JSON of all messages of a version; pictures are better kept as artifacts."""
MOST_TOOLS: Final = 64
LARGEST_TOOLS: Final = 512 * 1024
"""Bytes of JSON of all tools of a version."""
_TOOL_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
LONGEST_DESCRIPTION: Final = 4_000


def message_faults(messages: Any) -> Iterator[FieldError]:
    """What is wrong with a version's `messages`; fields are `messages.2.content` and the like."""
    if not isinstance(messages, list):
        yield FieldError("messages", "not_a_list", "A list of messages is expected.")
    elif len(messages) > MOST_MESSAGES:
        yield FieldError("messages", "max_length", f"Up to {MOST_MESSAGES} messages are taken.")
    elif len(orjson.dumps(messages)) > LARGEST_MESSAGES:
        yield FieldError("messages", "too_large", f"Up to {number(LARGEST_MESSAGES)} bytes of JSON are taken.")
    else:
        yield from _each_message(messages)


def _each_message(messages: list[Any]) -> Iterator[FieldError]:
    is_begun, is_asked = False, False
    for position, message in enumerate(messages):
        found = list(_slot_faults(message) if _is_slot(message) else turn_faults(message, is_late=is_begun))
        yield from (error._replace(field=f"messages.{position}.{error.field}".rstrip(".")) for error in found)
        if not found:
            is_asked |= _is_slot(message) or message["role"] == USER
            is_begun |= _is_slot(message) or message["role"] != SYSTEM
        else:
            is_asked = True  # one fault is enough
    if messages and not is_asked:
        yield FieldError("messages", "no_user", "Nobody asks anything: a user's turn or a placeholder is needed.")


def _is_slot(message: Any) -> bool:
    return isinstance(message, dict) and "placeholder" in message


def _slot_faults(message: dict[str, Any]) -> Iterator[FieldError]:
    yield from unknown_names(message, {"placeholder"})
    name = message["placeholder"]
    if not isinstance(name, str) or not name_of(name):
        yield FieldError("placeholder", "invalid", "The name of a variable of type messages is expected.")


def turn_faults(message: Any, *, is_late: bool) -> Iterator[FieldError]:
    """What is wrong with one turn; `is_late`: others were before it, and only system turns may stand before a
    system turn, since a wire has one place for them."""
    if not isinstance(message, dict):
        yield FieldError("", "invalid", "A message is an object with role and content.")
        return
    yield from unknown_names(message, {"role", "content"})
    role = message.get("role")
    if role not in ROLES:
        yield FieldError("role", "invalid_choice", f"One of {', '.join(ROLES)} is expected.")
    elif role == SYSTEM and is_late:
        yield FieldError(
            "role", "late_system", "A system turn stands before all others: not every provider takes it here."
        )
    yield from _content_faults(message.get("content"), is_user=role == USER)


def _content_faults(content: Any, *, is_user: bool) -> Iterator[FieldError]:
    if isinstance(content, str):
        if not content.strip():
            yield FieldError("content", "blank", "A turn without text is refused by providers.")
        elif message := _unfit(content):
            yield FieldError("content", *message)
    elif isinstance(content, list) and 1 <= len(content) <= MOST_PARTS:
        for position, part in enumerate(content):
            found = list(part_faults(part))
            if not found and part["type"] != "text" and not is_user:
                found = [FieldError("type", "invalid", "Pictures and files stand in turns of the user.")]
            if not found and part["type"] == "text" and (message := _unfit(part["text"])):
                found = [FieldError("text", *message)]
            yield from (error._replace(field=f"content.{position}.{error.field}".rstrip(".")) for error in found)
    else:
        yield FieldError("content", "invalid", f"Text, or a list of 1 to {MOST_PARTS} parts, is expected.")


def _unfit(text: str, longest: int = LONGEST_TEXT) -> tuple[str, str] | None:
    """The code and sentence of what cannot be kept of a text."""
    if len(text) > longest:
        return "max_length", f"Up to {number(longest)} characters are taken."
    if odd := NO_TEXT.search(text):
        return "invalid_character", f"It holds U+{ord(odd[0]):04X}, which can be neither stored nor sent."
    return None


def messages_value_faults(value: Any) -> Iterator[FieldError]:
    """What is wrong with the value of a variable of type `messages`; fields are relative to it (`0.role`)."""
    if not isinstance(value, list):
        yield FieldError("", "type", "A list of messages, each with role and content, is expected.")
    elif len(value) > MOST_VALUES:
        yield FieldError("", "max_length", f"Up to {MOST_VALUES} messages are taken.")
    else:
        is_begun = False
        for position, message in enumerate(value):
            found = list(turn_faults(message, is_late=is_begun))
            yield from (error._replace(field=f"{position}.{error.field}".rstrip(".")) for error in found)
            is_begun |= not isinstance(message, dict) or message.get("role") != SYSTEM


def tool_faults(tools: Any) -> Iterator[FieldError]:
    """What is wrong with `tools`: names that are none or twice there, schemas that are none or refer to themselves."""
    if not isinstance(tools, list):
        yield FieldError("tools", "not_a_list", "A list of tools is expected.")
    elif len(tools) > MOST_TOOLS:
        yield FieldError("tools", "max_length", f"Up to {MOST_TOOLS} tools are taken.")
    elif len(orjson.dumps(tools)) > LARGEST_TOOLS:
        yield FieldError("tools", "too_large", f"Up to {number(LARGEST_TOOLS)} bytes of JSON are taken.")
    else:
        seen: set[str] = set()
        for position, tool in enumerate(tools):
            for error in _tool_faults(tool, seen):
                yield error._replace(field=f"tools.{position}.{error.field}".rstrip("."))


def _tool_faults(tool: Any, seen: set[str]) -> Iterator[FieldError]:
    if not isinstance(tool, dict):
        yield FieldError("", "invalid", "A tool is an object with name, description and parameters.")
        return
    yield from unknown_names(tool, {"name", "description", "parameters", "registered", "needs_approval"})
    for mark in ("registered", "needs_approval"):
        if not isinstance(tool.get(mark, False), bool):
            yield FieldError(mark, "invalid", "true or false is expected.")
    name, description = tool.get("name"), tool.get("description", "")
    if not isinstance(name, str) or not _TOOL_NAME.fullmatch(name):
        yield FieldError("name", "invalid", "1 to 64 letters, digits, underscores and hyphens are expected.")
    elif name in seen:
        yield FieldError("name", "repeated", f"{name} stands in the list twice.")
    else:
        seen.add(name)
    if not isinstance(description, str) or _unfit(description, LONGEST_DESCRIPTION):
        yield FieldError(
            "description", "invalid", f"Text of up to {number(LONGEST_DESCRIPTION)} characters is expected."
        )
    if "parameters" in tool:
        yield from _arguments_faults(tool["parameters"])


def _arguments_faults(schema: Any) -> Iterator[FieldError]:
    if message := _schema_fault(schema):
        yield FieldError("parameters", "invalid_schema", message)
    elif schema.get("type", "object") != "object":
        yield FieldError("parameters", "invalid_schema", "A tool's arguments are an object.")
    elif is_recursive(schema):
        yield FieldError("parameters", "recursive_schema", "The schema refers to itself: its arguments have no end.")


def format_faults(response_format: Any) -> Iterator[FieldError]:
    """What is wrong with the schema of a `response_format` whose shape has been checked."""
    schema = response_format["json_schema"]["schema"] if response_format.get("type") == "json_schema" else {}
    if message := _schema_fault(schema):
        yield FieldError("response_format.json_schema.schema", "invalid_schema", message)


def _schema_fault(schema: Any) -> str:
    try:
        validator_of(schema)
    except InvalidSchema as error:
        return str(error)
    return ""


def faults(call: dict[str, Any]) -> list[FieldError]:
    """All that is wrong with the parts of a call that are given."""
    asked: Sequence[tuple[str, Any]] = (
        ("messages", message_faults),
        ("tools", tool_faults),
        ("response_format", format_faults),
    )
    return [error for name, check in asked if call.get(name) for error in check(call[name])]
