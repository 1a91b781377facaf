"""What LiteLLM loses or mistakes in an answer that it reads itself (relay.py), kept for the other side of the socket.

It takes a reason that it does not know, an error among them, for a stop; makes one up where a stream just ends; tells
a usage only at the end; and lists tools that Anthropic ran among the calls.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from litellm.litellm_core_utils import core_helpers
from litellm.llms.anthropic.chat.handler import ModelResponseIterator
from litellm.llms.anthropic.chat.transformation import AnthropicConfig

from providers.wires.finish_reasons import finish_reason
from providers.wires.openai.tool_calls import MARK

said_usage: ContextVar[list[dict[str, Any]] | None] = ContextVar("said_usage", default=None)
"""Where the usage that the provider begins with is put, of the call that this context belongs to."""


class FinishReasons(dict[str, Any]):
    """LiteLLM's table of finish reasons, in which an error stays one, and an unknown word is looked up in ours."""

    def get(self, key: Any, default: Any = None) -> Any:
        known = finish_reason(key)
        if known is None:
            return ""
        if known is not None and known[0] == "error":
            return "error"
        return super().get(key, known[0] if known is not None and known[0] != "refusal" else default)


def amend() -> None:
    """Changes the library in this process."""
    core_helpers._FINISH_REASON_MAP = FinishReasons(core_helpers._FINISH_REASON_MAP)
    parse, extract = ModelResponseIterator.chunk_parser, AnthropicConfig.extract_response_content

    def chunk_parser(self: Any, chunk: dict[str, Any]) -> Any:
        message = chunk.get("message")
        usage = message.get("usage") if isinstance(message, dict) else None
        if isinstance(usage, dict) and (place := said_usage.get()) is not None:
            place.append({name: value for name, value in usage.items() if name != "output_tokens"})
        if isinstance(block := chunk.get("content_block"), dict):
            _mark(block)
        if chunk.get("type") == "message_start":
            if getattr(self, "has_content", False):
                raise ValueError("A second message began inside the first.")
        elif chunk.get("type") == "content_block_delta":
            self.has_content = True
        return parse(self, chunk)

    def extract_response_content(self: Any, completion_response: dict[str, Any]) -> Any:
        for block in completion_response.get("content") or ():
            if isinstance(block, dict):
                _mark(block)
        return extract(self, completion_response)

    ModelResponseIterator.chunk_parser = chunk_parser
    AnthropicConfig.extract_response_content = extract_response_content


def is_made_up(chunk: Any, answer: Any) -> bool:
    """Whether the chunk's finish reason is LiteLLM's own: the provider's stream ended without one."""
    choices = getattr(chunk, "choices", None) or ()
    if not any(getattr(choice, "finish_reason", None) for choice in choices):
        return False
    reasons = ("received_finish_reason", "intermittent_finish_reason")
    return hasattr(answer, reasons[0]) and not any(getattr(answer, name, None) for name in reasons)


def has_made_up_usage(chunk: Any, answer: Any) -> bool:
    """Whether the chunk brings nothing but a usage that LiteLLM counted itself, since the provider said none."""
    if getattr(chunk, "usage", None) is None or not hasattr(answer, "chunks"):
        return False
    if any(choice.delta.content or choice.finish_reason for choice in chunk.choices):
        return False
    return not any(getattr(each, "usage", None) for each in answer.chunks)


def _mark(block: dict[str, Any]) -> None:
    """Tools that the provider runs are told from ours by their id, which is all that LiteLLM passes on."""
    kind = str(block.get("type"))
    if kind.endswith("tool_use") and kind != "tool_use":
        block |= {"type": "server_tool_use", "id": f"{MARK}{block.get('id') or ''}"}
