"""An answer as it grows: pieces in, our events out, adjacent text joined, size watched."""

from __future__ import annotations

from dataclasses import dataclass

from providers.base import Finish, ProviderEvent, ReasoningDelta, TextDelta, ToolCall, Usage
from providers.wires.think_tags import ThinkTags


@dataclass(slots=True)
class _Calling:
    """A tool call of which parts have come."""

    id: str = ""
    name: str = ""
    arguments: str = ""


class Answer:
    """Collects what one reading of the socket brought; `take` gives it out as few events as there can be.

    `limit`: characters of text, thoughts and tool arguments together; beyond it `is_full`, and the rest is dropped.
    """

    def __init__(self, limit: int, *, has_think_tags: bool = False) -> None:
        self._left = limit
        self._tags = ThinkTags() if has_think_tags else None
        self._events: list[ProviderEvent] = []
        self._text: list[str] = []
        self._calls: dict[object, _Calling] = {}
        self.is_full = False
        self.model: str | None = None
        self.reason: str | None = None
        """Why the answer ended; None while it has not."""
        self.prompt_tokens: int | None = None
        self.completion_tokens: int | None = None

    def add_text(self, text: str) -> None:
        if self._tags is None:
            if text and len(text) <= self._left:
                self._left -= len(text)
                self._text.append(text)
            elif text:
                self._text.append(self._fit(text))
            return
        thoughts, text = self._tags.feed(text)
        if self._tags.is_over:
            self._tags = None
        self.add_reasoning(thoughts)
        if text:
            self._text.append(self._fit(text))

    def add_reasoning(self, text: str) -> None:
        if text := self._fit(text):
            self._join_text()
            last = self._events[-1] if self._events else None
            if isinstance(last, ReasoningDelta):
                self._events[-1] = ReasoningDelta(last.text + text)
            else:
                self._events.append(ReasoningDelta(text))

    def add_tool_call(self, key: object, *, id: str = "", name: str = "", arguments: str = "") -> None:
        """A part of the tool call that `key` names, or a whole one."""
        calling = self._calls.setdefault(key, _Calling())
        calling.id = calling.id or id
        calling.name = calling.name or name
        calling.arguments += self._fit(arguments)

    def take(self) -> list[ProviderEvent]:
        """The deltas since the last taking."""
        self._join_text()
        events, self._events = self._events, []
        return events

    def close(self) -> list[ProviderEvent]:
        """The answer's end: what was held back, the tool calls in their order, Usage when it is known, Finish."""
        if self._tags is not None:
            thoughts, text = self._tags.close()
            self.add_reasoning(thoughts)
            self._text.append(text)
        events = self.take()
        for position, call in enumerate(self._calls.values()):
            events.append(ToolCall(call.id or f"call_{position}", call.name, call.arguments or "{}"))
        if self.prompt_tokens is not None and self.completion_tokens is not None:
            events.append(Usage(self.prompt_tokens, self.completion_tokens))
        reason = "tool_calls" if self._calls and self.reason in (None, "stop") else self.reason or "stop"
        events.append(Finish(reason, self.model))
        return events

    def _fit(self, text: str) -> str:
        if len(text) > self._left:
            self.is_full = True
            text = text[: self._left]
        self._left -= len(text)
        return text

    def _join_text(self) -> None:
        if self._text:
            if text := "".join(self._text):
                self._events.append(TextDelta(text))
            self._text = []
