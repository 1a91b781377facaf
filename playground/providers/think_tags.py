"""Thoughts that a model writes into its text: `<think>…</think>` at the very beginning (DeepSeek-R1's form)."""

from __future__ import annotations

OPENING = "<think>"
CLOSING = "</think>"


class ThinkTags:
    """Splits text, however it is cut, into thoughts and answer; tags anywhere else are text."""

    __slots__ = ("_held", "_is_inside", "is_over")

    def __init__(self) -> None:
        self._held = ""
        self._is_inside = False
        self.is_over = False
        """Everything from here on is answer."""

    def feed(self, text: str) -> tuple[str, str]:
        """(thoughts, answer) that are certain by now."""
        text = self._held + text
        self._held = ""
        if self._is_inside:
            return self._inside(text)
        start = text.lstrip()
        if start.startswith(OPENING):
            self._is_inside = True
            return self._inside(start[len(OPENING) :].lstrip("\n"))
        if OPENING.startswith(start):
            self._held = text
            return "", ""
        self.is_over = True
        return "", text

    def close(self) -> tuple[str, str]:
        """What was held back, at the answer's end."""
        held, self._held = self._held, ""
        return (held, "") if self._is_inside else ("", held)

    def _inside(self, text: str) -> tuple[str, str]:
        thoughts, tag, answer = text.partition(CLOSING)
        if tag:
            self.is_over = True
            return thoughts, answer.lstrip("\n")
        for length in range(min(len(CLOSING) - 1, len(text)), 0, -1):
            if CLOSING.startswith(text[-length:]):
                self._held = text[-length:]
                return text[:-length], ""
        return text, ""
