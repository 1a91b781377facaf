"""What a model has written so far: texts, thoughts, calls of tools; each piece is said to readers as it comes."""

from __future__ import annotations

from typing import Any

from playground.engine.tool_calls import INCOMPLETE, ToolCalls, loaded
from playground.stream.publisher import Outlet
from providers.base import (
    ProviderEvent,
    ProviderToolUse,
    ReasoningDelta,
    TextDelta,
    TextWasReasoning,
    ToolCall,
    ToolCallPart,
)
from providers.wires.surrogates import joined


class Draft:
    """Of one run."""

    def __init__(self, outlet: Outlet) -> None:
        self._say = outlet.say
        self._characters = 0
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._tool_calls = ToolCalls()
        self._provider_tools: list[dict[str, Any]] = []

    @property
    def written(self) -> int:
        """Characters that the model has written, calls of tools included."""
        return self._characters + self._tool_calls.written

    def take(self, event: ProviderEvent) -> None:
        """Keeps a piece of the answer, and says what readers may see of it."""
        if isinstance(event, TextDelta):
            self._text.append(text := joined(event.text))
            self._characters += len(text)
            self._say("token", {"text": text})
        elif isinstance(event, ReasoningDelta):
            self._reasoning.append(text := joined(event.text))
            self._characters += len(text)
            self._say("reasoning", {"text": text})
        elif isinstance(event, TextWasReasoning):
            self._recast()
        elif isinstance(event, ToolCall):
            entry = self._tool_calls.end(event)
            if event.is_whole:
                self._say_call(entry)
        elif isinstance(event, ToolCallPart):
            self._tool_calls.grow(event)
            told = {"id": event.id, "tool_name": event.name, "arguments": joined(event.arguments)}
            self._say("tool_call_part", {"position": event.position, **told})
        elif isinstance(event, ProviderToolUse):
            self._note_provider_tool(event)

    def take_whole(self, answer: dict[str, Any]) -> None:
        """Takes an answer as it was kept (`as_json`)."""
        if text := answer.get("reasoning"):
            self._reasoning.append(text)
            self._say("reasoning", {"text": text})
        for call in answer.get("tool_executions", []):
            self._tool_calls.keep(call)
            if call["status"] != INCOMPLETE:
                self._say_call(call)
        for use in answer.get("provider_tools", []):
            self._provider_tools.append(use)
            self._say("provider_tool", use)
        if text := answer.get("response"):
            self._text.append(text)
            self._say("token", {"text": text})

    def as_json(self) -> dict[str, Any]:
        """What is sealed as the row's answer."""
        answer: dict[str, Any] = {"response": "".join(self._text)}
        if self._reasoning:
            answer["reasoning"] = "".join(self._reasoning)
        if calls := self._tool_calls.as_json():
            answer["tool_executions"] = calls
        if self._provider_tools:
            answer["provider_tools"] = self._provider_tools
        return answer

    def _say_call(self, entry: dict[str, Any]) -> None:
        self._say("tool_call", {name: entry[name] for name in ("id", "tool_name", "arguments")})

    def _recast(self) -> None:
        """What readers took for the answer was thought."""
        if thought := "".join(self._text).strip("\n"):
            self._reasoning.append(thought)
        self._text = []
        self._say("recast", {"from": "token", "to": "reasoning"})

    def _note_provider_tool(self, event: ProviderToolUse) -> None:
        """One entry a use, with its result once that has come."""
        use = next((each for each in self._provider_tools if each["id"] == event.id), None)
        if use is None:
            use = {"id": event.id, "tool_name": event.name, "arguments": loaded(event.arguments)}
            self._provider_tools.append(use)
        elif event.name:  # Its result was first.
            use |= {"tool_name": event.name, "arguments": loaded(event.arguments)}
        if event.result is not None:
            use["result"] = loaded(event.result)
        self._say("provider_tool", dict(use))
