"""The editor's form of a conversation: its turns as rows, what its buttons do to them, the rest of the call as JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from foundation.problems import FieldError, invalid
from templates_app.call.checking import format_faults, message_faults, tool_faults
from templates_app.call.turns import ROLES, SYSTEM, USER, Message, Slot, messages_from_json
from templates_app.content import Content
from templates_app.pages.presentation.values import pretty

SLOT: Final = "placeholder"
JSON_FIELDS: Final = ("tools", "response_format")
_KEY: Final = re.compile(r"turns\.(\d{1,4})\.role")
_ACT: Final = re.compile(r"(up|down|remove)\.(\d{1,4})")


@dataclass
class TurnRow:
    """One turn of the form. Parts that are no text are typed as JSON; the role `placeholder` has a variable's name."""

    role: str = USER
    content: str = ""
    is_parts: bool = False

    @property
    def roles(self) -> list[tuple[str, bool]]:
        """What can be chosen as its role."""
        return [(role, role == self.role) for role in (*ROLES, SLOT)]

    @property
    def is_slot(self) -> bool:
        return self.role == SLOT

    def body(self) -> dict[str, Any]:
        """The message as the API takes it; parts that are no JSON stay text, for the rules to refuse."""
        if self.is_slot:
            return {"placeholder": self.content.strip()}
        return {"role": self.role, "content": _parts(self.content) if self.is_parts else self.content}


def _parts(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return {"no JSON": str(error)}


def rows_from_post(data: Mapping[str, str]) -> list[TurnRow]:
    """The rows as they were sent, in their order."""
    numbers = sorted(int(found[1]) for found in map(_KEY.fullmatch, data) if found)
    return [
        TurnRow(
            data[f"turns.{number}.role"],
            data.get(f"turns.{number}.content", "").replace("\r\n", "\n"),
            f"turns.{number}.parts" in data,
        )
        for number in numbers
    ]


def rows_of(messages: tuple[Message, ...]) -> list[TurnRow]:
    """The rows of these messages."""
    return [_row(message) for message in messages]


def _row(message: Message) -> TurnRow:
    if isinstance(message, Slot):
        return TurnRow(SLOT, message.name)
    if isinstance(message.content, str):
        return TurnRow(message.role, message.content)
    return TurnRow(message.role, pretty([dict(part) for part in message.content]), is_parts=True)


def acted(rows: list[TurnRow], act: str) -> list[TurnRow]:
    """The rows after a button: `add`, `add-placeholder`, `up.2`, `down.2`, `remove.2`; of another, as they were."""
    if act == "add":
        last = next((row.role for row in reversed(rows) if not row.is_slot), SYSTEM)
        return [*rows, TurnRow("assistant" if last == USER else USER)]
    if act == "add-placeholder":
        at = max(len(rows) - 1, 0)
        return [*rows[:at], TurnRow(SLOT, "history"), *rows[at:]]
    found = _ACT.fullmatch(act)
    if found is None or int(found[2]) >= len(rows):
        return rows
    at = int(found[2])
    if found[1] == "remove":
        return rows[:at] + rows[at + 1 :]
    other = at - 1 if found[1] == "up" else at + 1
    if not 0 <= other < len(rows):
        return rows
    moved = list(rows)
    moved[at], moved[other] = moved[other], moved[at]
    return moved


def as_conversation(system_prompt: str, prompt: str) -> list[TurnRow]:
    """The turns that the simple form stands for."""
    system = [TurnRow(SYSTEM, system_prompt)] if system_prompt.strip() else []
    return [*system, TurnRow(USER, prompt)]


def as_simple(rows: list[TurnRow]) -> tuple[str, str] | None:
    """System prompt and prompt, where the turns are no more than that."""
    texts = [row for row in rows if not row.is_slot and not row.is_parts]
    match [row.role for row in texts]:
        case ["user"] if len(rows) == 1:
            return "", texts[0].content
        case ["system", "user"] if len(rows) == 2:
            return texts[0].content, texts[1].content
    return None


def json_of(name: str, text: str) -> Any:
    """The value that a field's text means; a Problem where it is no JSON."""
    try:
        return orjson.loads(text) if text.strip() else None
    except orjson.JSONDecodeError as error:
        raise invalid([FieldError(name, "invalid_json", f"No JSON: {error}.")]) from None


def understood(rows: list[TurnRow], given: Mapping[str, str]) -> dict[str, Any]:
    """The call as far as it can be understood while one types: what is wrong with it is left out."""
    shapes = [row.body() for row in rows]
    for shape in shapes:
        if "content" in shape and list(message_faults([{"role": USER, "content": shape["content"]}])):
            shape["content"] = shape["content"] if isinstance(shape["content"], str) else ""
    call: dict[str, Any] = {"messages": messages_from_json(shapes)}
    for name, check in (("tools", tool_faults), ("response_format", format_faults)):
        try:
            value = orjson.loads(given[name]) if given[name].strip() else None
            if value and not list(check(value)):
                call[name] = tuple(value) if name == "tools" else value
        except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError):
            continue  # not finished yet: saving says so
    return call


def texts_of(content: Content) -> dict[str, Any]:
    """The fields of the call beside its turns."""
    return {
        "tools": pretty([dict(tool) for tool in content.tools]) if content.tools else "",
        "response_format": pretty(dict(content.response_format)) if content.response_format else "",
        "model_id": content.model_id,
    }


def turn_title(message: Message, position: int) -> str:
    """What a turn is called where it is shown."""
    who = f"{{{message.name}}}" if isinstance(message, Slot) else message.role
    return f"{position + 1}. {who}"
