"""Cohere's events and whole answers as our answer (https://docs.cohere.com/reference/chat-stream)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from providers.base import Usage
from providers.wires.answer import Answer
from providers.wires.error_words import error_in
from providers.wires.failures import malformed
from providers.wires.json_shapes import as_list, as_object, as_text, first_count, load_object
from providers.wires.openai.errors import failure_from, failure_in_stream
from providers.wires.openai.tool_calls import ToolCalls


class CohereReader:
    """Reads message-start … message-end, and whole messages; citations and unknown events are passed over."""

    def __init__(self, answer: Answer, secrets: Iterable[str] = ()) -> None:
        self._answer = answer
        self._secrets = secrets
        self._calls = ToolCalls(answer)
        self.is_over = False
        self.unread = b""

    def accept(self, data: bytes) -> None:
        if data.strip() == b"[DONE]":
            self._answer.end_unsaid()
            self.is_over = True
            return
        event = load_object(data)
        kind = event.get("type")
        if kind is None and "message" in event and not isinstance(event["message"], str):
            self._whole(event)
            return
        delta = as_object(event.get("delta"), "delta")
        if kind == "message-end":
            self._end(delta)
            self.is_over = True
        elif kind == "message-start" or str(kind).startswith(("content-", "tool-")):
            self._message(as_object(delta.get("message"), "message"), index=event.get("index"))
        elif kind is None or kind == "error":
            self._no_part(event, data)

    def accept_whole(self, data: bytes) -> None:
        message = load_object(data)
        if isinstance(message.get("message"), str) or "message" not in message:
            self._no_part(message, data)
            raise malformed("The answer has no message", data, secrets=self._secrets)
        self._whole(message)

    def accept_error(self, data: bytes) -> None:
        raise failure_from(0, {}, data, secrets=self._secrets)

    def _whole(self, answer: dict[str, Any]) -> None:
        self._message(as_object(answer.get("message"), "message"), index=None)
        self._end(answer)
        self.is_over = True

    def _message(self, message: dict[str, Any], *, index: Any) -> None:
        """A message, or what an event adds to it; `index` is its block's."""
        content = message.get("content")
        if type(content) is str:
            self._answer.add_text(content)
        else:
            for block in [content] if type(content) is dict else as_list(content, "content"):
                self._block(as_object(block, "content block"))
        if plan := as_text(message.get("tool_plan"), "tool_plan"):
            self._answer.add_reasoning(plan)
        calls = message.get("tool_calls")
        if type(calls) is dict:
            self._calls.take_parts([{**calls, "index": index}])
        elif calls:
            self._calls.take_whole(as_list(calls, "tool_calls"))

    def _block(self, block: dict[str, Any]) -> None:
        if block.get("thinking"):
            self._answer.add_reasoning(as_text(block["thinking"], "thinking"))
        self._answer.add_text(as_text(block.get("text"), "text"))

    def _end(self, said: dict[str, Any]) -> None:
        usage = said.get("usage")
        if isinstance(usage, dict):
            tokens, billed = usage.get("tokens"), usage.get("billed_units")
            self._answer.count(
                Usage(
                    first_count((tokens, "input_tokens"), (billed, "input_tokens")),
                    first_count((tokens, "output_tokens"), (billed, "output_tokens")),
                    cache_read_tokens=first_count((usage, "cached_tokens")),
                )
            )
        words = said.get("error")
        self._answer.end(said.get("finish_reason"), words if isinstance(words, str) else "")
        self._answer.end_unsaid()

    def _no_part(self, frame: dict[str, Any], data: bytes) -> None:
        message = frame.get("message")
        if (error := error_in(frame) or (message if isinstance(message, str) else None)) is not None:
            raise failure_in_stream(error, secrets=self._secrets)
        self.unread = self.unread or data
