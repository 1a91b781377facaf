"""How many tokens an input is, where only the model's own tokenizer would know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import orjson

from providers.base import Message

BYTES_A_TOKEN: Final = 3
"""Few enough that a prompt is rather taken for longer than it is."""
TOKENS_A_PICTURE: Final = 1600
TOKENS_A_MESSAGE: Final = 16


def tokens_of_input(messages: Sequence[Message], tools: Sequence[Any] = ()) -> int:
    """About how many tokens this is as input, rather too many than too few."""
    total = len(orjson.dumps(list(tools), default=str)) // BYTES_A_TOKEN if tools else 0
    for message in messages:
        content = message.get("content") or ""
        parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
        said = "".join(part["text"] for part in parts if isinstance(part.get("text"), str))
        pictures = sum(part.get("type") != "text" for part in parts)
        calls = message.get("tool_calls") or ()
        size = len(said.encode(errors="replace")) + sum(len(str(call)) for call in calls)
        total += -(-size // BYTES_A_TOKEN) + pictures * TOKENS_A_PICTURE + TOKENS_A_MESSAGE
    return total
