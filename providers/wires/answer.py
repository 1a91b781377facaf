"""An answer as it grows: pieces in, our events out, adjacent text joined, size watched."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any, Final

from providers.base import (
    Finish,
    ProviderEvent,
    ProviderToolUse,
    ReasoningDelta,
    TextDelta,
    TextWasReasoning,
    ToolCall,
    ToolCallPart,
    Usage,
)
from providers.errors import Code, ProviderFailure
from providers.wires.failures import Refusal, failure_of
from providers.wires.finish_reasons import finish_reason
from providers.wires.json_shapes import load_json
from providers.wires.surrogates import Halves, joined
from providers.wires.think_tags import LoneClosing, ThinkTags

CUT_SHORT: Final = frozenset({"length", "content_filter"})
"""Reasons for which a model is stopped in the middle of a call."""
TIER: Final = re.compile(r"[\w.-]{1,50}")


@dataclass(slots=True)
class Calling:
    """A tool call of which parts have come."""

    id: str = ""
    name: str = ""
    index: int | None = None
    parts: list[str] = field(default_factory=list)
    given: str = ""
    """Its arguments, where they came with its opening; parts that come afterwards count instead."""
    told: tuple[int, str, str] = (0, "", "")
    """How many parts, and which id and name, were given out as parts of a call."""

    @property
    def arguments(self) -> str:
        return joined("".join(self.parts) or self.given)

    @property
    def has_whole_arguments(self) -> bool:
        """Whether they are an object already, to which nothing can be added."""
        try:
            return isinstance(load_json(self.arguments), dict)
        except ValueError:
            return False

    def settle(self) -> None:
        """No parts will come any more: its arguments are those of its opening, where there were none."""
        if self.given and not self.parts:
            self.parts.append(self.given)

    def growth(self, position: int) -> ToolCallPart | None:
        """What has come since the last asking; None where nothing has."""
        now = (len(self.parts), self.id, self.name)
        if now == self.told:
            return None
        added = "".join(self.parts[self.told[0] :])
        self.told = now
        return ToolCallPart(position, joined(self.id), joined(self.name), added)


class Answer:
    """Collects what one reading of the socket brought; `take` gives it out as few events as there can be.

    `limit`: characters of text, thoughts and tool arguments together; beyond it `is_full`, and the rest is dropped.
    """

    def __init__(self, limit: int, *, has_think_tags: bool = False) -> None:
        self._left = limit
        self._tags = ThinkTags() if has_think_tags else None
        self._closing: LoneClosing | None = None
        self._events: list[ProviderEvent] = []
        self._text: list[str] = []
        self._text_halves, self._thought_halves = Halves(), Halves()
        self._has_given = self._has_given_text = False
        self._usage: Usage | None = None
        self._told_usage: Usage | None = None
        self._tier: str | None = None
        self.calls: list[Calling] = []
        """The calls that are ours to run, in their order; readers fill them in."""
        self.running: dict[object, Calling] = {}
        """Tools that the provider runs and whose arguments still come, by their index; readers fill them in, too."""
        self._is_closed = False
        self.is_full = False
        self.model: str | None = None
        self.reason: str | None = None
        """Why the answer ended; None while it has not."""
        self.failure: ProviderFailure | None = None
        """The failure that its finish reason stands for, or that was told of behind it."""
        self._late: ProviderFailure | None = None
        self._provider_reason: str | None = None
        self._is_said = True
        self._is_refusal = False

    @property
    def has_begun(self) -> bool:
        """Something of an answer has come."""
        return bool(self._has_given or self._text or self._events or self.calls)

    def add_text(self, text: str) -> None:
        if self._tags is None:
            if not text:
                return
            closing = self._closing
            is_plain = closing is None or not ("<" in text or "`" in text or closing.is_busy)
            if is_plain and len(text) <= self._left:
                if closing is not None:
                    closing.last = text
                self._left -= len(text)
                self._text.append(text)
            else:
                self._add_watched(self.fit(text))
            return
        thoughts, text = self._tags.feed(text)
        if self._tags.is_over:
            self._closing = None if self._tags.was_opened else LoneClosing()
            self._tags = None
        self.add_reasoning(thoughts)
        if text:
            self._add_watched(self.fit(text))

    def _add_watched(self, text: str) -> None:
        """Text in which a lone closing tag may stand."""
        closing = self._closing
        if closing is None or not text:
            self._text.append(text)
            return
        text, answer = closing.feed(text)
        self._after_look(closing, text, answer)

    def _after_look(self, closing: LoneClosing, text: str, answer: str | None) -> None:
        self._text.append(text)
        if closing.is_over:
            self._closing = None
        if answer is not None:
            self._text_was_thought()
            self._tags = ThinkTags(is_closed=True)
            self._left += len(answer)
            self.add_text(answer)

    def _text_was_thought(self) -> None:
        self._join_text()
        if self._has_given_text:
            self._events.append(TextWasReasoning())
            return
        thoughts = "".join(event.text for event in self._events if isinstance(event, TextDelta)).strip("\n")
        self._events = [event for event in self._events if not isinstance(event, TextDelta)]
        if thoughts:
            self._events.append(ReasoningDelta(thoughts))

    def add_reasoning(self, text: str) -> None:
        if text := self._thought_halves.feed(self.fit(text)):
            self._closing = None
            self._join_text()
            self._append_thoughts(text)

    def _append_thoughts(self, text: str) -> None:
        last = self._events[-1] if self._events else None
        if isinstance(last, ReasoningDelta):
            self._events[-1] = ReasoningDelta(last.text + text)
        else:
            self._events.append(ReasoningDelta(text))

    def add_provider_tool(self, *, id: str, name: str = "", arguments: str = "", result: str | None = None) -> None:
        """A tool that the provider ran, or what it brought."""
        if result is not None:
            result = joined(self.fit(result))
        self._join_text()
        self._events.append(ProviderToolUse(joined(id), joined(name), joined(self.fit(arguments)), result))

    def end_running(self, index: object) -> None:
        """The arguments of a tool that the provider runs are all there, or all that there will be."""
        if call := self.running.pop(index, None):
            self.add_provider_tool(id=call.id, name=call.name, arguments=call.arguments)

    def count(self, usage: Usage) -> None:
        """Takes the counts that the provider says; what a later one leaves out stays."""
        before = self._usage or Usage()
        merged = Usage(
            *(
                getattr(before, name) if (said := getattr(usage, name)) is None else said
                for name in Usage.__dataclass_fields__
            )
        )
        if merged.prompt_tokens is None and merged.completion_tokens is None:
            return
        merged = replace(merged, service_tier=merged.service_tier or self._tier)
        if merged != self._usage:
            self._usage = merged

    def serve_in(self, tier: Any) -> None:
        """Takes the service tier, where it is a word."""
        if isinstance(tier, str) and tier != self._tier and TIER.fullmatch(tier):
            self._tier = tier
            if self._usage is not None:
                self._usage = replace(self._usage, service_tier=tier)

    def end(self, said: Any, words: str = "", *, ours: str | None = None) -> None:
        """Takes the provider's finish reason, which may say nothing; `words`: what it says beside it.

        `ours`: what it is in our words, where this wire means something else by it.
        """
        told = finish_reason(said)
        if told is None or self.failure is not None:
            return
        reason, raw = ours or told[0], told[1]
        if reason == "error":
            message = f'it ended with "{raw}"' + (f": {words}" if words else "")
            self.fail(failure_of(Refusal(0, message, is_inside_200=True)))
            if self.failure is None:
                return
        self.reason = reason
        self._provider_reason = joined(raw)
        self._is_said = True

    def fail(self, failure: ProviderFailure) -> None:
        """Takes what the provider says went wrong: behind a real reason it has its answer all the same."""
        if self.reason is None or not self._is_said or self.failure is not None:
            self.failure = failure
        else:
            self._late = self._late or self.placed(failure)

    def placed(self, failure: ProviderFailure) -> ProviderFailure:
        """The failure; a time-out that somebody on the way tells of is silence, once the answer has begun."""
        if failure.code is Code.TIMEOUT_FIRST_BYTE and self.has_begun:
            failure.code = Code.TIMEOUT_IDLE
        return failure

    def end_unsaid(self) -> None:
        """The wire's last word, or an answer in one piece, which may say no reason."""
        if self.reason is None:
            self.reason, self._is_said = "stop", False

    def refuse(self) -> None:
        """What it says is a refusal, though its reason may be a plain stop."""
        self._is_refusal = True

    def take(self) -> list[ProviderEvent]:
        """The events since the last taking."""
        if self._text:
            self._join_text()
        if self.calls and not self._is_closed:
            growths = (call.growth(position) for position, call in enumerate(self.calls))
            self._events.extend(growth for growth in growths if growth is not None)
        if self._usage is not self._told_usage and self._usage is not None:
            self._events.append(self._usage)
            self._told_usage = self._usage
        events, self._events = self._events, []
        if events and not self._has_given_text:
            self._has_given = True
            self._has_given_text = any(isinstance(event, TextDelta) for event in events)
        return events

    def close(self) -> list[ProviderEvent]:
        """The answer's end: what was held back, the tool calls in their order, Usage when it is news, Finish."""
        self.let_go()
        self._is_closed = True
        calls = self._whole_calls()
        self._events.extend(calls)
        events = self.take()
        reason = self.reason or "stop"
        if reason == "stop":
            is_call = any(call.is_whole for call in calls)
            reason = "tool_calls" if is_call else "refusal" if self._is_refusal else "stop"
        model = joined(self.model) if self.model else None
        is_said = self._is_said and self.reason is not None
        events.append(Finish(reason, model, self._provider_reason, is_said, self._late))
        return events

    def _whole_calls(self) -> list[ToolCall]:
        """The calls as they stand at the answer's end, which may have come in the middle of one."""
        calls = [call for call in self.calls if call.name or call.id or call.arguments]
        is_cut = self.reason in CUT_SHORT
        told = []
        for position, call in enumerate(calls):
            arguments = call.arguments if call.arguments.strip() else ""
            is_whole = True
            if is_cut or not self._is_said or self.reason is None:
                is_last = position == len(calls) - 1
                is_whole = call.has_whole_arguments if arguments else not (is_cut and is_last)
            id = joined(call.id) or f"call_{position}"
            told.append(ToolCall(id, joined(call.name), arguments or "{}" * is_whole, is_whole))
        return told

    def let_go(self) -> None:
        """What was held back, because more might have come, is for the next taking."""
        for call in self.calls:
            call.settle()
        for index in list(self.running):
            self.end_running(index)
        if self._tags is not None:
            thoughts, text = self._tags.close()
            self.add_reasoning(thoughts)
            self._text.append(text)
        if self._closing is not None:
            self._after_look(self._closing, *self._closing.close())
        self._join_text()
        if lost := self._thought_halves.close():
            self._append_thoughts(lost)
        self._text.append(self._text_halves.close())
        self._join_text()

    def fit(self, text: str) -> str:
        """As much of the text as the limit leaves room for."""
        if len(text) > self._left:
            self.is_full = True
            text = text[: self._left]
        self._left -= len(text)
        return text

    def _join_text(self) -> None:
        if self._text:
            text, self._text = "".join(self._text), []
            if not text.isascii() or self._text_halves.is_waiting:
                text = self._text_halves.feed(text)
            if text:
                if self._events and isinstance(last := self._events[-1], TextDelta):
                    self._events[-1] = TextDelta(last.text + text)
                else:
                    self._events.append(TextDelta(text))
