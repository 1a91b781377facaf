"""A run as a chat completion, whole and in chunks."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import orjson

from playground.gateway.calls import Calls, arguments_text, calls_of
from playground.gateway.errors import as_openai
from playground.gateway.leave import refusal_of
from playground.gateway.running import Said, failure
from playground.models import PromptExecution
from playground.representation import usage_json
from providers.base import FINISH_REASONS

DONE: Final = b"data: [DONE]\n\n"
FINISHED: Final = {"refusal": "content_filter", "error": "stop"}
"""Our finish reasons that OpenAI does not have; the others are its own."""


def completion_of(execution: PromptExecution) -> dict[str, Any]:
    """A `chat.completion`."""
    said = execution.answer or {}
    calls = [_call(call) for call in calls_of(said)]
    refusal = refusal_of(execution.id, said)
    content = said.get("response") or (None if calls or refusal else "")
    message = {"role": "assistant", "content": content, "refusal": refusal}
    if calls:
        message["tool_calls"] = calls
    if reasoning := said.get("reasoning"):
        message["reasoning_content"] = reasoning
    finish = finish_of(execution.metadata, is_refused=bool(refusal) and not calls)
    choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
    return {
        "id": f"chatcmpl-{execution.id}",
        "object": "chat.completion",
        "created": int(execution.created_at.timestamp()),
        "model": execution.model_id,
        "choices": [choice],
        "usage": usage_of(usage_json(execution)),
    }


def finish_of(metadata: dict[str, Any], *, is_refused: bool = False) -> str:
    """Why the answer ended, in OpenAI's words; a refusal beside which there is no call to make is a whole answer."""
    if is_refused:
        return "stop"
    reason = metadata.get("finish_reason") or "stop"
    return FINISHED.get(reason, reason if reason in FINISH_REASONS else "stop")


def usage_of(usage: dict[str, Any]) -> dict[str, Any]:
    """Counts of tokens; the cost beside them, as LiteLLM and OpenRouter tell it."""
    details = usage["details"]
    return {
        "prompt_tokens": usage["prompt_tokens"],
        "completion_tokens": usage["completion_tokens"],
        "total_tokens": usage["total_tokens"],
        "prompt_tokens_details": {
            "cached_tokens": details["cache_read_tokens"] or 0,
            "audio_tokens": details["input_audio_tokens"] or 0,
        },
        "completion_tokens_details": {"reasoning_tokens": details["reasoning_tokens"] or 0},
        "cost": usage["estimated_cost"],
    }


def _call(call: dict[str, Any]) -> dict[str, Any]:
    function = {"name": call["tool_name"], "arguments": arguments_text(call["arguments"])}
    return {"id": call["id"], "type": "function", "function": function}


class Chunks:
    """The chunks of one stream."""

    def __init__(self, *, wants_usage: bool) -> None:
        self._wants_usage = wants_usage
        self._calls = Calls()
        self._head: dict[str, Any] = {}

    def tell(self, kind: str, said: Said) -> bytes:
        """The chunks that an event becomes. What was told as text and turns out to be thought stays told."""
        match kind:
            case "started":
                return self._started(said)
            case "token":
                return self._delta({"content": said["text"]})
            case "reasoning":
                return self._delta({"reasoning_content": said["text"]})
            case "tool_call_part":
                index, is_new = self._calls.part(said["position"])
                return self._called(index, said["arguments"], said if is_new else None)
            case "tool_call":
                at = self._calls.whole()
                return b"" if at is None else self._called(at, arguments_text(said["arguments"]), said)
            case "completed":
                return self._completed(said)
            case "failed" | "cancelled":
                return _data(as_openai(failure(kind, said)))
        return b""

    def _started(self, said: Said) -> bytes:
        created = int(datetime.fromisoformat(said["timestamp"]).timestamp())
        self._head = {"id": f"chatcmpl-{said['execution_id']}", "object": "chat.completion.chunk", "created": created}
        self._head["model"] = said["model_id"]
        return self._delta({"role": "assistant", "content": "", "refusal": None})

    def _called(self, index: int, arguments: str, begun: Said | None) -> bytes:
        call: dict[str, Any] = {"index": index, "function": {"arguments": arguments}}
        if begun is not None:
            call |= {"id": begun["id"] or f"call_{index}", "type": "function"}
            call["function"]["name"] = begun["tool_name"]
        return self._delta({"tool_calls": [call]})

    def _completed(self, said: Said) -> bytes:
        self._head["model"] = said["model_id"]
        more = {}
        if dropped := said["metadata"].get("dropped_parameters"):
            more["dropped_parameters"] = dropped
        refusal = refusal_of(said["id"], said)
        told = self._delta({"refusal": refusal}) if refusal else b""
        told += self._delta({}, finish_of(said["metadata"], is_refused=bool(refusal) and not calls_of(said)), **more)
        if self._wants_usage:
            told += _data({**self._head, "choices": [], "usage": usage_of(said["usage"])})
        return told + DONE

    def _delta(self, delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        usage = {"usage": None} if self._wants_usage else {}
        return _data({**self._head, "choices": [choice], **usage, **more})


def _data(value: dict[str, Any]) -> bytes:
    return b"data: %s\n\n" % orjson.dumps(value)
