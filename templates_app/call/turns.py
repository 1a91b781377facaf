"""The messages of a whole call, as pure values: turns with texts to be filled in, and places for others' messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from templates_app.rendering.placeholders import name_of

SYSTEM: Final = "system"
USER: Final = "user"
ROLES: Final = (SYSTEM, USER, "assistant")
Part = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Turn:
    """Somebody speaks: `content` is text, or parts (`{"type": "text", "text"}`, images and files)."""

    role: str
    content: str | tuple[Part, ...]

    def as_json(self) -> dict[str, Any]:
        """The API's shape."""
        content = self.content if isinstance(self.content, str) else [dict(part) for part in self.content]
        return {"role": self.role, "content": content}

    def texts(self, field: str) -> Iterator[tuple[str, str]]:
        """Each text with its dotted place, below the turn's own `field`."""
        if isinstance(self.content, str):
            yield f"{field}.content", self.content
            return
        for position, part in enumerate(self.content):
            if part["type"] == "text":
                yield f"{field}.content.{position}.text", part["text"]

    def with_texts(self, field: str, texts: Mapping[str, str]) -> Turn:
        """The turn with other texts, by the places that `texts` gives."""
        if isinstance(self.content, str):
            return Turn(self.role, texts[f"{field}.content"])
        parts = enumerate(self.content)
        return Turn(
            self.role,
            tuple(
                {**part, "text": texts[f"{field}.content.{at}.text"]} if part["type"] == "text" else part
                for at, part in parts
            ),
        )

    @property
    def text(self) -> str:
        """Its texts, one below the other."""
        return "\n".join(text for _, text in self.texts(""))


@dataclass(frozen=True, slots=True)
class Slot:
    """Where the messages of the variable `name` go, which is of type `messages`."""

    name: str

    def as_json(self) -> dict[str, Any]:
        """The API's shape."""
        return {"placeholder": self.name}


Message = Turn | Slot


def messages_from_json(shapes: Sequence[Mapping[str, Any]]) -> tuple[Message, ...]:
    """The messages behind `as_json`, which have been checked before."""
    return tuple(map(_message, shapes))


def _message(shape: Mapping[str, Any]) -> Message:
    if "placeholder" in shape:
        return Slot(name_of(shape["placeholder"]) or shape["placeholder"])
    content = shape["content"]
    return Turn(shape["role"], content if isinstance(content, str) else tuple(map(dict, content)))


def texts_of(messages: Sequence[Message]) -> list[tuple[str, str]]:
    """Every text that may hold variables, with its place (`messages.1.content`), from the first to the last."""
    return [
        found
        for position, message in enumerate(messages)
        if isinstance(message, Turn)
        for found in message.texts(f"messages.{position}")
    ]


def with_texts(messages: Sequence[Message], texts: Mapping[str, str]) -> tuple[Message, ...]:
    """The messages with other texts, by the places that `texts_of` gives."""
    return tuple(
        message.with_texts(f"messages.{position}", texts) if isinstance(message, Turn) else message
        for position, message in enumerate(messages)
    )


def last_user_text(messages: Sequence[Message]) -> str:
    """What a call with these messages is known by; empty when nobody but a placeholder asks."""
    asked = (message.text for message in reversed(messages) if isinstance(message, Turn) and message.role == USER)
    return next(asked, "")
