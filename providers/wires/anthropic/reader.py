"""Anthropic's events and whole messages as our answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from providers.wires.answer import Answer
from providers.wires.anthropic.errors import failure_in_stream
from providers.wires.failures import malformed
from providers.wires.json_shapes import as_list, as_object, as_text, count, load_object

REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
INPUT_COUNTS = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
"""`input_tokens` alone leaves out what went through the prompt cache."""


class AnthropicReader:
    """Reads message_start … message_stop and whole messages; unknown events are passed over, as the docs ask."""

    def __init__(self, answer: Answer, secrets: Iterable[str] = ()) -> None:
        self._answer = answer
        self._secrets = secrets
        self.is_over = False

    def accept(self, data: bytes) -> None:
        event = load_object(data)
        match event.get("type"):
            case "content_block_delta":
                self._delta(event.get("index"), as_object(event.get("delta"), "delta"))
            case "content_block_start":
                self._block(event.get("index"), as_object(event.get("content_block"), "content_block"))
            case "message_start":
                self._message(as_object(event.get("message"), "message"))
            case "message_delta":
                self._usage(event.get("usage"))
                self._stop(as_object(event.get("delta"), "delta").get("stop_reason"))
            case "message_stop":
                self._answer.reason = self._answer.reason or "stop"
                self.is_over = True
            case "error":
                raise failure_in_stream(event.get("error"), secrets=self._secrets)
            case None:
                raise malformed("This is no event of a message", data)

    def accept_whole(self, data: bytes) -> None:
        message = load_object(data)
        if message.get("type") == "error":
            raise failure_in_stream(message.get("error"), secrets=self._secrets)
        if "content" not in message:
            raise malformed("The answer has no content", data)
        for index, block in enumerate(as_list(message["content"], "content")):
            self._block(index, as_object(block, "content block"), is_whole=True)
        self._message(message)
        self._stop(message.get("stop_reason") or "end_turn")

    def _message(self, message: dict[str, Any]) -> None:
        if isinstance(message.get("model"), str):
            self._answer.model = message["model"] or None
        self._usage(message.get("usage"))

    def _block(self, index: Any, block: dict[str, Any], *, is_whole: bool = False) -> None:
        match block.get("type"):
            case "text":
                self._answer.add_text(as_text(block.get("text"), "text"))
            case "thinking":
                self._answer.add_reasoning(as_text(block.get("thinking"), "thinking"))
            case "tool_use":
                # In a stream the input is {} here and comes in parts afterwards.
                arguments = orjson.dumps(block.get("input")).decode() if is_whole else ""
                name = as_text(block.get("name"), "name")
                self._answer.add_tool_call(
                    _key(index), id=as_text(block.get("id"), "id"), name=name, arguments=arguments
                )

    def _delta(self, index: Any, delta: dict[str, Any]) -> None:
        match delta.get("type"):
            case "text_delta":
                self._answer.add_text(as_text(delta.get("text"), "text"))
            case "thinking_delta":
                self._answer.add_reasoning(as_text(delta.get("thinking"), "thinking"))
            case "input_json_delta":
                self._answer.add_tool_call(_key(index), arguments=as_text(delta.get("partial_json"), "partial_json"))

    def _stop(self, reason: Any) -> None:
        if reason is not None:
            text = as_text(reason, "stop_reason")
            self._answer.reason = REASONS.get(text, text or "stop")

    def _usage(self, usage: Any) -> None:
        """Counts are of the whole message so far; message_start's output count is only a beginning."""
        if not isinstance(usage, dict):
            return
        if "input_tokens" in usage and usage["input_tokens"] is not None:
            counts = [count(usage.get(name) or 0) for name in INPUT_COUNTS]
            self._answer.prompt_tokens = None if None in counts else sum(filter(None, counts))
        if "output_tokens" in usage:
            self._answer.completion_tokens = count(usage["output_tokens"])


def _key(index: Any) -> int:
    if type(index) is not int:
        raise malformed("A content block has no index")
    return index
