"""What a model has written so far: texts, thoughts, calls of tools; each piece is said to readers as it comes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playground.engine.tool_calls import ToolCalls, loaded
from playground.stream.publisher import Outlet
from playground.tools.calling import ANSWERED, INCOMPLETE
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
        self._rounds: list[dict[str, str]] = []

    @property
    def written(self) -> int:
        """Characters that the model has written in this round, calls of tools included."""
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

    @property
    def text(self) -> str:
        """What it has said in this round."""
        return "".join(self._text)

    @property
    def calls(self) -> list[dict[str, Any]]:
        """The calls of this round that have come whole, as entries of `tool_executions`."""
        return [each for each in self._tool_calls.of_round if each["status"] != INCOMPLETE]

    def take_round(self, said: Mapping[str, Any]) -> None:
        """Takes a round of an earlier execution, whose calls are gone on with: `{"response", "tool_executions"}`."""
        self._text = [said["response"]]
        for call in said["tool_executions"]:
            self._tool_calls.keep(entry := dict(call))
            self._say_call(entry)
            if entry["status"] in ANSWERED:
                self._say("tool_result", dict(entry))

    def take_outcome(self, entry: dict[str, Any], outcome: dict[str, Any]) -> None:
        """Keeps what a call came to, and says it."""
        entry |= outcome
        self._say("tool_result", dict(entry))

    def begin_round(self) -> None:
        """Another answer begins, which reads what the calls came to: what was said with them stands apart."""
        number = len(self._rounds) + 1
        said = {"response": self.text, "reasoning": "".join(self._reasoning)}
        self._rounds.append({name: text for name, text in said.items() if text})
        self._characters, self._text, self._reasoning = 0, [], []
        self._tool_calls.begin_round(number=number)
        self._say("round", {"round": number + 1})

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
        answer: dict[str, Any] = {"response": self.text}
        if self._reasoning:
            answer["reasoning"] = "".join(self._reasoning)
        if calls := self._tool_calls.as_json():
            answer["tool_executions"] = calls
        if self._provider_tools:
            answer["provider_tools"] = self._provider_tools
        if self._rounds:
            answer["rounds"] = self._rounds
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
