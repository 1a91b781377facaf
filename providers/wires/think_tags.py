"""Thoughts that a model writes into its text: `<think>…</think>` at the very beginning (DeepSeek-R1's form)."""

from __future__ import annotations

from enum import Enum, auto

OPENING = "<think>"
CLOSING = "</think>"


class _Place(Enum):
    BEFORE = auto()
    OPENED = auto()
    INSIDE = auto()
    CLOSED = auto()


class ThinkTags:
    """Splits text, however it is cut, into thoughts and answer; tags anywhere else are text.

    Line feeds right behind either tag belong to neither.
    """

    __slots__ = ("_held", "_place", "is_over")

    def __init__(self) -> None:
        self._held = ""
        self._place = _Place.BEFORE
        self.is_over = False
        """Everything from here on is answer."""

    def feed(self, text: str) -> tuple[str, str]:
        """(thoughts, answer) that are certain by now."""
        text, self._held = self._held + text, ""
        if self._place is _Place.BEFORE:
            start = text.lstrip()
            if not start.startswith(OPENING):
                return self._without_tag(text, start)
            self._place, text = _Place.OPENED, start[len(OPENING) :]
        if self._place is _Place.OPENED and (text := text.lstrip("\n")):
            self._place = _Place.INSIDE
        thoughts = ""
        if self._place is _Place.INSIDE:
            thoughts, text = self._inside(text)
        if self._place is _Place.CLOSED:
            text = text.lstrip("\n")
            self.is_over = bool(text)
        return thoughts, text

    def close(self) -> tuple[str, str]:
        """What was held back, at the answer's end."""
        held, self._held = self._held, ""
        return ("", held) if self._place is _Place.BEFORE else (held, "")

    def _without_tag(self, text: str, start: str) -> tuple[str, str]:
        if OPENING.startswith(start):
            self._held = text  # It may still become one.
            return "", ""
        self.is_over = True
        return "", text

    def _inside(self, text: str) -> tuple[str, str]:
        """(thoughts, what follows them); a closing tag that may have begun is held back."""
        thoughts, tag, answer = text.partition(CLOSING)
        if tag:
            self._place = _Place.CLOSED
            return thoughts, answer
        for length in range(min(len(CLOSING) - 1, len(text)), 0, -1):
            if CLOSING.startswith(text[-length:]):
                self._held = text[-length:]
                return text[:-length], ""
        return text, ""
