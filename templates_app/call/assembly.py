"""From rendered texts and values to the messages that are sent.

A variable that holds a picture or a file stands in a text as a mark while the text is rendered, whatever its engine;
then the text is cut there, and the part put between. The mark has a random number, so that no value can forge one.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from foundation.problems import FieldError
from templates_app.call.fitting import user_fields
from templates_app.call.parts import as_part
from templates_app.call.turns import SYSTEM, Slot, Turn
from templates_app.content import PART_TYPES, Content
from templates_app.errors import cannot_render, invalid_variables
from templates_app.rendering.placeholders import NAME

MOST_MESSAGES: Final = 500
"""As many as a body may have."""


class Marks:
    """What stands in a text for values that are no text."""

    def __init__(self, content: Content, values: Mapping[str, Any]) -> None:
        self._kinds = {each.name: each.type.value for each in content.variables if each.type in PART_TYPES}
        self._values = values
        self._number = secrets.token_hex(16)
        self._mark = re.compile(rf"\[\[({NAME}) {self._number}\]\]")

    @property
    def values(self) -> dict[str, Any]:
        """The values that texts are rendered with."""
        marks = {name: f"[[{name} {self._number}]]" for name in self._kinds if name in self._values}
        return {**self._values, **marks}

    def cut(self, text: str) -> str | list[dict[str, Any]]:
        """The text, or its parts where something else than text stands in it."""
        pieces = self._mark.split(text) if self._kinds else [text]
        if len(pieces) == 1:
            return text
        parts: list[dict[str, Any]] = []
        for position, piece in enumerate(pieces):
            if position % 2:
                parts.append(as_part(self._kinds[piece], self._values[piece]))
            elif piece.strip():
                parts.append({"type": "text", "text": piece})
        return parts


def messages_of(
    content: Content, texts: Sequence[str], marks: Marks, values: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The messages; `texts` are those of `content.texts`, rendered. A Problem names what cannot be sent."""
    rendered = dict(zip((field for field, _ in content.texts), texts, strict=True))
    of_users = user_fields(content)
    cut = {field: marks.cut(text) for field, text in rendered.items()}
    for field, made in cut.items():
        if isinstance(made, list) and field not in of_users:
            raise cannot_render("Pictures and files stand in turns of the user only.", field=field)
    if not content.messages:
        system = [{"role": SYSTEM, "content": cut["system_prompt"]}] if rendered["system_prompt"] else []
        return [*system, {"role": "user", "content": cut["prompt"]}]
    messages: list[dict[str, Any]] = []
    for position, message in enumerate(content.messages):
        if isinstance(message, Slot):
            messages += _filled(message, messages, values)
        else:
            messages.append(_turn(message, f"messages.{position}", cut))
    _check(messages)
    return messages


def _turn(turn: Turn, field: str, cut: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(turn.content, str):
        content = cut[f"{field}.content"]
    else:
        content = [each for position, part in enumerate(turn.content) for each in _parts(part, position, field, cut)]
    if not (content.strip() if isinstance(content, str) else content):
        raise cannot_render("It renders to nothing with these values.", code="required", field=f"{field}.content")
    return {"role": turn.role, "content": content}


def _parts(part: Mapping[str, Any], position: int, field: str, cut: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if part["type"] != "text":
        source = {name: value for name, value in part.items() if name != "type"}
        yield dict(part) if part["type"] == "image_url" else as_part(part["type"], source)
        return
    made = cut[f"{field}.content.{position}.text"]
    if isinstance(made, list):
        yield from made
    elif made.strip():
        yield {"type": "text", "text": made}


def _filled(slot: Slot, before: Sequence[Mapping[str, Any]], values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The messages of the variable; nothing for an optional one without a value."""
    given = [_sent(message) for message in values.get(slot.name) or ()]
    is_late = any(message["role"] != SYSTEM for message in before)
    late = next((position for position, each in enumerate(given) if is_late and each["role"] == SYSTEM), None)
    if late is not None:
        message = "A system turn stands before all others: turns come before this place."
        raise invalid_variables([FieldError(f"variables.{slot.name}.{late}.role", "late_system", message)])
    return given


def _sent(message: Mapping[str, Any]) -> dict[str, Any]:
    content = message["content"]
    if isinstance(content, str):
        return {"role": message["role"], "content": content}
    parts = [
        as_part(part["type"], {name: value for name, value in part.items() if name != "type"})
        if part["type"] in ("image", "file")
        else dict(part)
        for part in content
    ]
    return {"role": message["role"], "content": parts}


def _check(messages: Sequence[Mapping[str, Any]]) -> None:
    if len(messages) > MOST_MESSAGES:
        message = f"{len(messages)} messages; up to {MOST_MESSAGES} are sent."
        raise cannot_render(message, code="too_many", field="messages")
    if all(message["role"] == SYSTEM for message in messages):
        raise cannot_render("With these values there is nothing but system turns.", code="required", field="messages")
