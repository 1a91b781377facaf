"""Ollama's lines and whole answers as our answer; both have one shape."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from providers.wires.answer import Answer
from providers.wires.failures import malformed
from providers.wires.json_shapes import as_list, as_object, as_text, count, load_object
from providers.wires.ollama.errors import failure_in_stream


class OllamaReader:
    """Reads `{"message": {...}, "done": bool}`."""

    def __init__(self, answer: Answer, secrets: Iterable[str] = ()) -> None:
        self._answer = answer
        self._secrets = secrets
        self._calls = 0
        self.is_over = False

    def accept(self, data: bytes) -> None:
        line = load_object(data)
        if "error" in line:
            raise failure_in_stream(line["error"], secrets=self._secrets)
        if "message" not in line and "done" not in line:
            raise malformed("This is no part of a chat answer", data)
        message = as_object(line.get("message"), "message")
        if message.get("thinking"):
            self._answer.add_reasoning(as_text(message["thinking"], "thinking"))
        self._answer.add_text(as_text(message.get("content"), "content"))
        for call in as_list(message.get("tool_calls"), "tool_calls"):
            self._tool_call(as_object(call, "tool_call"))
        if self._answer.model is None and isinstance(line.get("model"), str):
            self._answer.model = line["model"]
        if line.get("done") is True:
            self._end(line)

    def accept_whole(self, data: bytes) -> None:
        self.accept(data)
        if not self.is_over:
            raise malformed("The answer says that it is not done")

    def _tool_call(self, call: dict[str, Any]) -> None:
        function = as_object(call.get("function"), "function")
        given = function.get("arguments")
        arguments = given if isinstance(given, str) else orjson.dumps(given or {}).decode()
        name = as_text(function.get("name"), "name")
        self._answer.add_tool_call(self._calls, id=as_text(call.get("id"), "id"), name=name, arguments=arguments)
        self._calls += 1

    def _end(self, line: dict[str, Any]) -> None:
        self.is_over = True
        self._answer.reason = as_text(line.get("done_reason"), "done_reason") or "stop"
        # A prompt that was wholly in the cache has no count: absent is not zero.
        self._answer.prompt_tokens = count(line.get("prompt_eval_count"))
        self._answer.completion_tokens = count(line.get("eval_count"))
