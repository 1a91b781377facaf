"""Halves of characters: JSON may cut a pair of surrogates apart (RFC 8259, section 8.2), and UTF-8 cannot hold one."""

from __future__ import annotations

import re

HALF = re.compile("[\ud800-\udfff]")
LOST = "\ufffd"


def joined(text: str) -> str:
    """The text with pairs joined and what has no other half replaced by U+FFFD."""
    if text.isascii() or not HALF.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class Halves:
    """Joins pairs in text that comes in pieces: a first half at a piece's end waits for the next one."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = ""

    @property
    def is_waiting(self) -> bool:
        """A first half waits for the next piece."""
        return bool(self._held)

    def feed(self, text: str) -> str:
        """The text that is certain by now."""
        if not self._held and (text.isascii() or not HALF.search(text)):
            return text
        text, self._held = self._held + text, ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._held = text[:-1], text[-1]
        return joined(text)

    def close(self) -> str:
        """U+FFFD where a half is still waiting."""
        held, self._held = self._held, ""
        return LOST if held else ""
