"""Bedrock's events and whole answers as our answer (API reference, ConverseStream and Converse)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from providers.base import Usage
from providers.wires.answer import Answer, Calling
from providers.wires.bedrock.errors import failure_from
from providers.wires.failures import malformed
from providers.wires.json_shapes import as_id, as_json_text, as_list, as_object, as_text, count, load_object


class BedrockReader:
    """Reads `{"<event type>": {…}}` (http/eventstream.py) and whole messages."""

    def __init__(self, answer: Answer, secrets: Iterable[str] = ()) -> None:
        self._answer = answer
        self._secrets = secrets
        self._open: dict[object, Calling] = {}
        self.is_over = False
        self.unread = b""

    def accept(self, data: bytes) -> None:
        event = load_object(data)
        if "output" in event:
            self._whole(event)
            return
        match event:
            case {"contentBlockStart": {"start": {"toolUse": dict() as use}} as block}:
                call = Calling(as_id(use.get("toolUseId")), as_id(use.get("name")))
                self._open[block.get("contentBlockIndex")] = call
                self._answer.calls.append(call)
            case {"contentBlockDelta": dict() as block}:
                self._delta(block.get("contentBlockIndex"), as_object(block.get("delta"), "delta"))
            case {"messageStop": dict() as stop}:
                self._answer.end(stop.get("stopReason"))
            case {"metadata": dict() as told}:
                self._count(told.get("usage"))
            case {"message": str()} | {"Message": str()}:
                self.accept_error(data)
            case {"messageStart": _} | {"contentBlockStart": _} | {"contentBlockStop": _}:
                return
            case _:
                self.unread = self.unread or data

    def accept_whole(self, data: bytes) -> None:
        self.accept(data)
        if self.unread or self._answer.reason is None:
            raise malformed("The answer has no output", data, secrets=self._secrets)

    def accept_error(self, data: bytes) -> None:
        raise failure_from(0, {}, data, secrets=self._secrets)

    def _whole(self, answer: dict[str, Any]) -> None:
        message = as_object(as_object(answer["output"], "output").get("message"), "message")
        for block in as_list(message.get("content"), "content"):
            self._block(as_object(block, "content block"))
        self._count(answer.get("usage"))
        self._answer.end(answer.get("stopReason"))
        self._answer.end_unsaid()

    def _block(self, block: dict[str, Any]) -> None:
        if isinstance(use := block.get("toolUse"), dict):
            arguments = self._answer.fit(as_json_text(use.get("input")) or "{}")
            self._answer.calls.append(Calling(as_id(use.get("toolUseId")), as_id(use.get("name")), parts=[arguments]))
        elif isinstance(thought := block.get("reasoningContent"), dict):
            self._answer.add_reasoning(as_text(as_object(thought.get("reasoningText"), "text").get("text"), "text"))
        else:
            self._answer.add_text(as_text(block.get("text"), "text"))

    def _delta(self, index: Any, delta: dict[str, Any]) -> None:
        if isinstance(use := delta.get("toolUse"), dict):
            if (call := self._open.get(index)) is None:
                raise malformed("Input comes for a content block that did not begin")
            call.parts.append(self._answer.fit(as_text(use.get("input"), "input")))
        elif isinstance(thought := delta.get("reasoningContent"), dict):
            self._answer.add_reasoning(as_text(thought.get("text"), "text"))
        else:
            self._answer.add_text(as_text(delta.get("text"), "text"))

    def _count(self, usage: Any) -> None:
        """What went through the prompt cache is counted apart."""
        if not isinstance(usage, dict):
            return
        asked = count(usage.get("inputTokens"))
        read, write = count(usage.get("cacheReadInputTokens")), count(usage.get("cacheWriteInputTokens"))
        prompt = None if asked is None else asked + (read or 0) + (write or 0)
        self._answer.count(Usage(prompt, count(usage.get("outputTokens")), read, write))
