"""A run as one of Anthropic's messages, whole and as events."""

from __future__ import annotations

from typing import Any, Final

import orjson

from playground.gateway.calls import Calls, arguments_text, calls_of
from playground.gateway.errors import as_anthropic
from playground.gateway.leave import refusal_of
from playground.gateway.running import Said, failure
from playground.models import PromptExecution
from playground.representation import usage_json

PING: Final = b'event: ping\ndata: {"type": "ping"}\n\n'
STOPPED: Final = {"length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal", "refusal": "refusal"}
"""Our finish reasons in Anthropic's words; the others are `end_turn`."""


def message_of(execution: PromptExecution) -> dict[str, Any]:
    """A `message`."""
    said = execution.answer or {}
    content: list[dict[str, Any]] = []
    if reasoning := said.get("reasoning"):
        content.append({"type": "thinking", "thinking": reasoning, "signature": ""})
    if text := said.get("response"):
        content.append({"type": "text", "text": text})
    content += [
        {"type": "tool_use", "id": call["id"], "name": call["tool_name"], "input": _input(call["arguments"])}
        for call in calls_of(said)
    ]
    refusal = refusal_of(execution.id, said)
    if refusal:
        content.append({"type": "text", "text": refusal})
    head = _head(str(execution.id), execution.model_id)
    usage = usage_of(usage_json(execution))
    return {**head, "content": content, **_stopped(execution.metadata, said, refusal), "usage": usage}


def _stopped(metadata: dict[str, Any], answer: Said, refusal: str | None) -> dict[str, Any]:
    """Why it ended. A refusal is the reason where there is no call for the client to make."""
    details = {"type": "refusal", "category": None, "explanation": refusal} if refusal else None
    reason = "refusal" if refusal and not calls_of(answer) else stop_of(metadata)
    return {"stop_reason": reason, "stop_details": details}


def stop_of(metadata: dict[str, Any]) -> str:
    """Why the model ended; Anthropic's own word where it said that a stop sequence did it."""
    if metadata.get("provider_finish_reason") == "stop_sequence":
        return "stop_sequence"
    return STOPPED.get(metadata.get("finish_reason") or "", "end_turn")


def usage_of(usage: dict[str, Any]) -> dict[str, Any]:
    """Counts of tokens; Anthropic counts what a cache served apart from the input."""
    read = usage["details"]["cache_read_tokens"] or 0
    written = usage["details"]["cache_write_tokens"] or 0
    return {
        "input_tokens": max(usage["prompt_tokens"] - read - written, 0),
        "output_tokens": usage["completion_tokens"],
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": written,
    }


def _head(execution_id: str, model_id: str) -> dict[str, Any]:
    head = {"id": f"msg_{execution_id}", "type": "message", "role": "assistant", "model": model_id}
    return {**head, "content": [], "stop_reason": None, "stop_sequence": None}


def _input(arguments: Any) -> dict[str, Any]:
    # A message's `input` is an object; what the model wrote and is none is told as its text.
    return arguments if isinstance(arguments, dict) else {"text": arguments_text(arguments)}


class Events:
    """The events of one stream: one block after the other, each begun, grown and ended."""

    def __init__(self) -> None:
        self._calls = Calls()
        self._block: tuple[str, int] | None = None
        """The kind of the open block, with the index of its call."""
        self._count = 0

    def tell(self, kind: str, said: Said) -> bytes:
        """The events that one of ours becomes. What was told as text and turns out to be thought stays told."""
        match kind:
            case "started":
                head = _head(said["execution_id"], said["model_id"])
                usage = {"input_tokens": 0, "output_tokens": 0}
                return _event("message_start", {"message": {**head, "usage": usage}})
            case "token":
                return self._grow(("text", 0), {"type": "text", "text": ""}, "text_delta", "text", said["text"])
            case "reasoning":
                begun = {"type": "thinking", "thinking": "", "signature": ""}
                return self._grow(("thinking", 0), begun, "thinking_delta", "thinking", said["text"])
            case "tool_call_part":
                return self._call(self._calls.part(said["position"])[0], said, said["arguments"])
            case "tool_call":
                at = self._calls.whole()
                return b"" if at is None else self._call(at, said, arguments_text(said["arguments"]))
            case "completed":
                return self._completed(said)
            case "failed" | "cancelled":
                return _event("error", as_anthropic(failure(kind, said)))
        return b""

    def _call(self, index: int, said: Said, arguments: str) -> bytes:
        begun = {"type": "tool_use", "id": said["id"] or f"call_{index}", "name": said["tool_name"], "input": {}}
        return self._grow(("tool_use", index), begun, "input_json_delta", "partial_json", arguments)

    def _grow(self, block: tuple[str, int], begun: dict[str, Any], kind: str, name: str, text: str) -> bytes:
        told = b""
        if self._block != block:
            told = self._end() + _event("content_block_start", {"index": self._count, "content_block": begun})
            self._block = block
        if text:
            told += _event("content_block_delta", {"index": self._count, "delta": {"type": kind, name: text}})
        return told

    def _end(self) -> bytes:
        if self._block is None:
            return b""
        told = _event("content_block_stop", {"index": self._count})
        self._block, self._count = None, self._count + 1
        return told

    def _completed(self, said: Said) -> bytes:
        told, refusal = b"", refusal_of(said["id"], said)
        if refusal:
            told = self._end() + self._grow(("text", 0), {"type": "text", "text": ""}, "text_delta", "text", refusal)
        delta = {**_stopped(said["metadata"], said, refusal), "stop_sequence": None}
        ended = _event("message_delta", {"delta": delta, "usage": usage_of(said["usage"])})
        return told + self._end() + ended + _event("message_stop", {})


def _event(kind: str, value: dict[str, Any]) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (kind.encode(), orjson.dumps({"type": kind, **value}))
