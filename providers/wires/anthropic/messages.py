"""A conversation in OpenAI's shape as Anthropic's system prompt and messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from providers.base import Message
from providers.errors import Code, ProviderFailure
from providers.wires.images import split_data_url
from providers.wires.parts import document_of

Block = dict[str, Any]


def conversation(messages: Sequence[Message]) -> tuple[str, list[dict[str, Any]]]:
    """(system prompt, messages); system messages are joined, neighbours of one role become one message.

    The latter because the results of parallel tool calls must stand in one user message.
    """
    system: list[str] = []
    turns: list[dict[str, Any]] = []
    for message in messages:
        if message["role"] == "system":
            system.append(text_of(message["content"]))
            continue
        role = "assistant" if message["role"] == "assistant" else "user"
        blocks = _blocks(message)
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"].extend(blocks)
        elif blocks:
            turns.append({"role": role, "content": blocks})
    return "\n\n".join(system), turns


def text_of(content: Any) -> str:
    """The text of a content, whose other parts are left out."""
    if isinstance(content, str):
        return content
    return "".join(part["text"] for part in content or [] if part.get("type") == "text")


def _blocks(message: Message) -> list[Block]:
    if message["role"] == "tool":
        return [{"type": "tool_result", "tool_use_id": message["tool_call_id"], "content": text_of(message["content"])}]
    content = message.get("content")
    # Empty text blocks are refused.
    blocks = [_text(content)] if isinstance(content, str) and content else []
    if not isinstance(content, str):
        blocks = [_part(part) for part in content or [] if part.get("text") != ""]
    return blocks + [_tool_use(call) for call in message.get("tool_calls") or []]


def _text(text: str) -> Block:
    return {"type": "text", "text": text}


def _part(part: Block) -> Block:
    match part.get("type"):
        case "text":
            return _text(part["text"])
        case "image_url":
            url = part["image_url"]["url"]
            if picture := split_data_url(url):
                source = {"type": "base64", "media_type": picture.media_type, "data": picture.base64}
                return {"type": "image", "source": source}
            return {"type": "image", "source": {"type": "url", "url": url}}
        case "file":
            return document_of(part)
    raise ProviderFailure(Code.PROVIDER_REFUSED, "It takes text, images and files only.")


def _tool_use(call: Block) -> Block:
    """Arguments that are not a JSON object still have to be sent as one: the model made them, and sees them again."""
    written = call["function"]["arguments"]
    try:
        arguments = orjson.loads(written or "{}")
    except orjson.JSONDecodeError:
        arguments = None
    if not isinstance(arguments, dict):
        arguments = {"arguments": written}
    return {"type": "tool_use", "id": call["id"], "name": call["function"]["name"], "input": arguments}
