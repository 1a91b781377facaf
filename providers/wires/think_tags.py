"""Thoughts that a model writes into its text: `<think>…</think>` at the very beginning (DeepSeek-R1's form).

Where the chat template has written the opening tag already, the closing one comes alone (vllm-project/vllm#13125).
"""

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

    __slots__ = ("_held", "_place", "is_over", "was_opened")

    def __init__(self, *, is_closed: bool = False) -> None:
        self._held = ""
        self._place = _Place.CLOSED if is_closed else _Place.BEFORE
        self.was_opened = is_closed
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
            self.was_opened = True
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
        certain = len(text) - _begun(text)
        self._held = text[certain:]
        return text[:certain], ""


class LoneClosing:
    """Looks for a closing tag that no opening one came before, in text however it is cut.

    A text may also speak of the tag: one in code, in quotes or among the words of a line is none.
    """

    __slots__ = ("_held", "_is_in_fence", "_ticks", "is_busy", "is_over", "last")

    def __init__(self) -> None:
        self._held = ""
        self.last = "\n"
        """Text that ends right before what is held, as whoever passes a text by says."""
        self.is_busy = False
        """Nothing may be passed by: a tag, or a fence, may have begun."""
        self._is_in_fence = False
        self._ticks = ""
        self.is_over = False
        """No tag will count any more."""

    def feed(self, text: str) -> tuple[str, str | None]:
        """(text that is certain, None), or (the thoughts' last text, the answer's first) where the tag stands."""
        found = self._look(text)
        self.is_busy = bool(self._held or self._ticks)
        return found

    def _look(self, text: str) -> tuple[str, str | None]:
        text, self._held = self._held + text, ""
        at = text.find(CLOSING)
        opening = text.find(OPENING)
        if opening >= 0 and not 0 <= at < opening:
            self.is_over = True
            return text, None
        if at < 0:
            return self._pass(text, len(text) - _begun(text, OPENING, CLOSING)), None
        behind = text[at + len(CLOSING) :]
        if not behind:
            return self._pass(text, at), None  # What follows it decides.
        self.is_over = True
        return self._decide(text[:at], behind)

    def close(self) -> tuple[str, str | None]:
        """What was held back, at the answer's end."""
        held, self._held = self._held, ""
        return self._decide("", "") if held == CLOSING else (held, None)

    def _decide(self, before: str, behind: str) -> tuple[str, str | None]:
        self._note(before)
        if not self._is_in_fence and self._is_tag(behind):
            return before, behind
        return f"{before}{CLOSING}{behind}", None

    def _is_tag(self, behind: str) -> bool:
        before, after = self.last[-1], behind[:1] or "\n"
        if before == "\n":
            return after not in "`'\",;:.)"
        if after == "\n":
            return before not in "`'\"({[<" and (before != " " or behind.startswith("\n\n"))
        return (before.isalnum() or before in ".!?…。") and after.isalnum()

    def _pass(self, text: str, end: int) -> str:
        self._held = text[end:]
        self._note(text[:end])
        return text[:end]

    def _note(self, text: str) -> None:
        if not text:
            return
        self.last = text
        if "`" in text or self._ticks:
            ticked = self._ticks + text
            body = ticked.rstrip("`")
            self._ticks = ticked[len(body) :]
            if self._ticks and not body:
                return
            self._is_in_fence ^= bool(body.count("```") & 1)


def _begun(text: str, *tags: str) -> int:
    """How many characters at the text's end may be the beginning of a tag."""
    for tag in tags or (CLOSING,):
        for length in range(min(len(tag) - 1, len(text)), 0, -1):
            if tag.startswith(text[-length:]):
                return length
    return 0
