"""Anthropic's events and whole messages as our answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from providers.wires.answer import Answer, Calling
from providers.wires.anthropic.errors import failure_from, failure_in_stream
from providers.wires.anthropic.usage import AnthropicUsage
from providers.wires.error_words import error_in, words_of
from providers.wires.failures import malformed
from providers.wires.json_shapes import as_id, as_json_text, as_list, as_object, as_text, load_object


class AnthropicReader:
    """Reads message_start … message_stop and whole messages; unknown events are passed over, as the docs ask.

    Tools that Anthropic runs itself (`server_tool_use`, `mcp_tool_use` and their `…_tool_result`s) are no calls.
    """

    def __init__(self, answer: Answer, secrets: Iterable[str] = ()) -> None:
        self._answer = answer
        self._secrets = secrets
        self._usage = AnthropicUsage()
        self._message_id: object = None
        self._open: dict[object, Calling] = {}
        """Blocks whose input comes in parts, by their index."""
        self._last: object = None
        self.is_over = False
        self.unread = b""

    def accept(self, data: bytes) -> None:
        event = load_object(data)
        match event.get("type"):
            case "content_block_delta":
                self._delta(event.get("index"), as_object(event.get("delta"), "delta"))
            case "content_block_start":
                self._block(event.get("index"), as_object(event.get("content_block"), "content_block"))
            case "content_block_stop":
                self._close_block(event.get("index"))
            case "message_start":
                self._begin(as_object(event.get("message"), "message"))
            case "message_delta":
                self._count(event.get("usage"))
                delta = as_object(event.get("delta"), "delta")
                self._end(delta)
            case "message_stop":
                self._close_blocks()
                self._answer.end_unsaid()
                self.is_over = True
            case "message":
                self._whole(event)
            case "error":
                raise failure_in_stream(event.get("error") or event, secrets=self._secrets)
            case _:
                self._unknown(event, data)
        if event.get("error") and event.get("type") != "error":
            raise failure_in_stream(event["error"], secrets=self._secrets)

    def accept_whole(self, data: bytes) -> None:
        message = load_object(data)
        if message.get("type") == "error" or "content" not in message:
            self._count(message.get("usage"))
            error = message if message.get("type") == "error" else error_in(message)
            if error is not None:
                raise failure_in_stream(message.get("error") or error, secrets=self._secrets)
            raise malformed("The answer has no content", data, secrets=self._secrets)
        self._whole(message)
        if message.get("error"):
            raise failure_in_stream(message["error"], secrets=self._secrets)

    def accept_error(self, data: bytes) -> None:
        raise failure_from(0, {}, data, secrets=self._secrets)

    def _unknown(self, event: dict[str, Any], data: bytes) -> None:
        if (error := error_in(event)) is not None:
            raise failure_in_stream(error, secrets=self._secrets)
        if event.get("type") is None and not self.unread:
            self.unread = data

    def _begin(self, message: dict[str, Any]) -> None:
        if self._message_id is not None and self._answer.has_begun:
            raise malformed("A second message began inside the first")
        self._message_id = message.get("id") or True
        self._head(message, is_beginning=True)

    def _head(self, message: dict[str, Any], *, is_beginning: bool) -> None:
        if isinstance(message.get("model"), str):
            self._answer.model = message["model"] or None
        self._count(message.get("usage"), is_beginning=is_beginning)

    def _whole(self, message: dict[str, Any]) -> None:
        self._head(message, is_beginning=False)
        content = message.get("content")
        blocks = [{"type": "text", "text": content}] if type(content) is str else as_list(content, "content")
        for index, block in enumerate(blocks):
            self._block(index, as_object(block, "content block"))
            self._close_block(index)
        self._end(message)
        self._answer.end_unsaid()
        self.is_over = True

    def _block(self, index: Any, block: dict[str, Any]) -> None:
        self._last = index
        kind = str(block.get("type"))
        if kind == "text":
            self._answer.add_text(as_text(block.get("text"), "text"))
        elif kind == "thinking":
            self._answer.add_reasoning(as_text(block.get("thinking"), "thinking"))
        elif kind.endswith("tool_use"):
            call = Calling(as_id(block.get("id")), as_id(block.get("name")))
            # In a stream the input is {} here and comes in parts afterwards; but gateways send it whole, too.
            if block.get("input") is not None and block["input"] != {}:
                call.given = self._answer.fit(_input(block["input"]))
            self._open[index] = call
            if kind == "tool_use":
                self._answer.calls.append(call)
            else:
                self._answer.running[index] = call
        elif kind.endswith("tool_result"):
            result = as_json_text(block.get("content")) or "null"
            self._answer.add_provider_tool(id=as_id(block.get("tool_use_id")), result=result)

    def _delta(self, index: Any, delta: dict[str, Any]) -> None:
        match delta.get("type"):
            case "text_delta":
                self._answer.add_text(as_text(delta.get("text"), "text"))
            case "thinking_delta":
                self._answer.add_reasoning(as_text(delta.get("thinking"), "thinking"))
            case "input_json_delta":
                call = self._open.get(self._last if index is None else index)
                if call is None:
                    raise malformed("Input comes for a content block that did not begin")
                call.parts.append(self._answer.fit(as_text(delta.get("partial_json"), "partial_json")))

    def _close_block(self, index: Any) -> None:
        index = self._last if index is None else index
        if ended := self._open.pop(index, None):
            ended.settle()
        self._answer.end_running(index)

    def _close_blocks(self) -> None:
        for index in list(self._answer.running):
            self._close_block(index)

    def _end(self, said: dict[str, Any]) -> None:
        reason = said.get("stop_reason")
        if reason is not None:
            self._close_blocks()
            self._answer.end(reason, words_of(said.get("stop_details")))

    def _count(self, usage: Any, *, is_beginning: bool = False) -> None:
        if isinstance(usage, dict):
            self._answer.serve_in(usage.get("service_tier"))
            self._answer.count(self._usage.add(usage, is_beginning=is_beginning))


def _input(value: Any) -> str:
    """The input as JSON text; some gateways send that text itself."""
    if type(value) is str and value.lstrip().startswith("{"):
        return value
    return orjson.dumps(value).decode() if type(value) is str and value.isprintable() else as_json_text(value)
