"""From what the user set to what the model is sent: nothing is dropped in silence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from providers.base import Message
from providers.catalogue.info import ModelInfo

OURS: Final = frozenset({"fallback_models", "timeout", "cache", "max_cost"})
"""Parameters that the engine obeys and no provider sees."""
NEEDS: Final = {"reasoning_effort": "reasoning", "tool_choice": "tools"}
"""What a model must be able to do for a parameter to mean anything."""
DEFAULT_MAX_TOKENS: Final = 2048
CHARACTERS_A_TOKEN: Final = 4
"""Rule of thumb for English and code, used where only a model's own tokenizer would know."""


def takes(name: str, *, supported: frozenset[str], model: ModelInfo) -> bool:
    """Whether this model takes a parameter; where nothing is known of what it can do, it is tried."""
    needed = NEEDS.get(name)
    return name in supported and (needed is None or not model.capabilities_known or needed in model.capabilities)


def split(
    parameters: Mapping[str, Any], *, supported: frozenset[str], model: ModelInfo
) -> tuple[dict[str, Any], list[str]]:
    """What is sent to this model, and the names of what it does not take."""
    meant = {name: value for name, value in parameters.items() if name not in OURS and value is not None}
    dropped = sorted(name for name in meant if not takes(name, supported=supported, model=model))
    sent = {name: value for name, value in meant.items() if name not in dropped}
    if "max_tokens" not in sent:
        sent["max_tokens"] = DEFAULT_MAX_TOKENS
    if model.max_output_tokens:
        sent["max_tokens"] = min(sent["max_tokens"], model.max_output_tokens)
    return sent, dropped


def count_characters(messages: list[Message]) -> int:
    """Characters of text in all messages; pictures count as none."""
    total = 0
    for message in messages:
        content = message.get("content") or ""
        parts = [content] if isinstance(content, str) else [part.get("text", "") for part in content]
        total += sum(len(part) for part in parts)
    return total


def estimated_tokens(characters: int) -> int:
    """A rough count of tokens, rounded up."""
    return -(-characters // CHARACTERS_A_TOKEN)
