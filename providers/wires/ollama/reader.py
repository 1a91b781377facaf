"""Ollama's lines and whole answers as our answer; both have one shape."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from providers.base import Usage
from providers.wires.answer import Answer, Calling
from providers.wires.error_words import error_in
from providers.wires.failures import malformed
from providers.wires.json_shapes import as_id, as_json_text, as_list, as_object, as_text, count, load_object
from providers.wires.ollama.errors import failure_from, failure_in_stream


class OllamaReader:
    """Reads `{"message": {...}, "done": bool}`."""

    def __init__(self, answer: Answer, secrets: Iterable[str] = ()) -> None:
        self._answer = answer
        self._secrets = secrets
        self.is_over = False
        self.unread = b""

    def accept(self, data: bytes) -> None:
        if data.strip() == b"[DONE]":  # Behind a gateway that makes server-sent events of the lines.
            self._answer.end_unsaid()
            self.is_over = True
            return
        line = load_object(data)
        if "message" not in line and "done" not in line:
            self._no_part(line, data)
            return
        said = line.get("message")
        if type(said) is not str:
            self._message(as_object(said, "message"))
        if self._answer.model is None and isinstance(line.get("model"), str):
            self._answer.model = line["model"]
        self._count(line)
        if line.get("error") or type(said) is str:
            raise failure_in_stream(line.get("error") or line, secrets=self._secrets)
        if line.get("done") is True:
            self.is_over = True
            self._answer.end(line.get("done_reason"))
            self._answer.end_unsaid()

    def accept_whole(self, data: bytes) -> None:
        self.accept(data)
        if self.unread:
            raise malformed("This is no chat answer", data, secrets=self._secrets)
        if not self.is_over and not self._answer.failure:
            raise malformed("The answer says that it is not done")

    def accept_error(self, data: bytes) -> None:
        raise failure_from(0, {}, data, secrets=self._secrets)

    def _no_part(self, line: dict[str, Any], data: bytes) -> None:
        if (error := error_in(line)) is not None:
            raise failure_in_stream(error, secrets=self._secrets)
        self.unread = self.unread or data

    def _message(self, message: dict[str, Any]) -> None:
        if message.get("thinking"):
            self._answer.add_reasoning(as_text(message["thinking"], "thinking"))
        self._answer.add_text(as_text(message.get("content"), "content"))
        if message.get("tool_calls"):
            for call in as_list(message["tool_calls"], "tool_calls"):
                self._tool_call(as_object(call, "tool_call"))

    def _tool_call(self, call: dict[str, Any]) -> None:
        """Each comes whole."""
        function = as_object(call.get("function") or call, "function")
        arguments = self._answer.fit(as_json_text(function.get("arguments")))
        self._answer.calls.append(Calling(as_id(call.get("id")), as_id(function.get("name")), parts=[arguments]))

    def _count(self, line: dict[str, Any]) -> None:
        """A prompt that was wholly in the cache has no count: absent is not zero."""
        if "eval_count" in line or "prompt_eval_count" in line:
            self._answer.count(Usage(count(line.get("prompt_eval_count")), count(line.get("eval_count"))))
