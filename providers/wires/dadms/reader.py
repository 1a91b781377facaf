"""The LLM Service's answers as ours: `{completion, model, persona, usage}`, whole or in pieces.

Its contract names `stream` and no frames, so whatever such a service may send is read: server-sent events or JSON by
the line, each frame an object with a piece of the text (`completion`, `content`, `delta`, `text`, `token`), and one
that ends it: `[DONE]`, `done`, `type: end`, a finish reason, or the usage. A text beside the usage that begins with all
that came before is the whole once more, and only what is new of it counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from providers.base import Usage
from providers.wires.answer import Answer, Calling
from providers.wires.dadms.errors import failure_from, failure_in_stream
from providers.wires.error_words import error_in
from providers.wires.failures import malformed
from providers.wires.json_shapes import as_id, as_json_text, as_list, as_object, as_text, count, load_object

TEXTS: Final = ("completion", "content", "delta", "text", "token")
ENDS: Final = frozenset({"end", "done", "complete", "completed", "stop"})
PARTS: Final = frozenset({*TEXTS, "usage", "done", "finish_reason", "tool_calls", "type", "persona"})
"""Fields of which a frame has at least one."""


class DADMSReader:
    """Reads one answer."""

    def __init__(self, answer: Answer, secrets: Iterable[str] = ()) -> None:
        self._answer = answer
        self._secrets = secrets
        self._so_far: list[str] = []
        self.is_over = False
        self.unread = b""

    def accept(self, data: bytes) -> None:
        if data.strip() == b"[DONE]":
            self._end()
            return
        frame = load_object(data)
        if isinstance(frame.get("data"), dict) and not PARTS & (frame.keys() - {"type"}):
            frame = {**frame, **frame["data"]}
        error = error_in(frame) or (frame if frame.get("success") is False else None)
        if error is not None and not frame.get("completion"):
            raise failure_in_stream(error, secrets=self._secrets)
        if not PARTS & frame.keys():
            self.unread = self.unread or data
            return
        usage = as_object(frame.get("usage"), "usage")
        reason = frame.get("finish_reason")
        is_last = bool(usage or reason or frame.get("done") is True or str(frame.get("type")) in ENDS)
        self._text(frame, is_last=is_last)
        calls = as_list(frame.get("tool_calls"), "tool_calls")
        if frame.get("type") == "tool_call":
            calls = [*calls, frame.get("tool_call") or frame]
        for call in calls:
            self._tool_call(as_object(call, "tool_call"))
        if self._answer.model is None and isinstance(frame.get("model"), str):
            self._answer.model = frame["model"]
        if usage:
            self._answer.count(Usage(count(usage.get("prompt_tokens")), count(usage.get("completion_tokens"))))
        self._answer.end(reason)
        if is_last:
            self._answer.end_unsaid()

    def accept_whole(self, data: bytes) -> None:
        self.accept(data)
        if self.unread or not (self._so_far or self._answer.calls or self._answer.reason):
            raise malformed("This is no answer of the LLM Service", data, secrets=self._secrets)
        self._end()

    def accept_error(self, data: bytes) -> None:
        raise failure_from(0, {}, data, secrets=self._secrets)

    def _end(self) -> None:
        self._answer.end_unsaid()
        self.is_over = True

    def _text(self, frame: dict[str, Any], *, is_last: bool) -> None:
        name = next((name for name in TEXTS if frame.get(name) is not None), "")
        if not name:
            return
        piece = frame[name]
        if isinstance(piece, dict):  # `delta: {content}`
            piece = piece.get("content", piece.get("text"))
        text = as_text(piece, name)
        if is_last and self._so_far and text.startswith(whole := "".join(self._so_far)):
            text = text[len(whole) :]
        if text:
            self._so_far.append(text)
            self._answer.add_text(text)

    def _tool_call(self, call: dict[str, Any]) -> None:
        """Each comes whole."""
        function = as_object(call.get("function") or call, "function")
        arguments = function.get("arguments", function.get("parameters"))
        text = self._answer.fit(as_json_text(arguments))
        self._answer.calls.append(Calling(as_id(call.get("id")), as_id(function.get("name")), parts=[text]))
