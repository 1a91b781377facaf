"""The usage of OpenAI and whoever speaks its wire, in our counts.

Names beside OpenAI's own: DeepSeek's `prompt_cache_hit_tokens`, Moonshot's and Mistral's `cached_tokens`, OpenRouter's
and LiteLLM's `cache_write_tokens`, and Anthropic's where a gateway passes them on.
"""

from __future__ import annotations

from typing import Any

from providers.base import Usage
from providers.wires.json_shapes import count, first_count


def usage_of(usage: dict[str, Any]) -> Usage:
    """Every count that makes sense."""
    asked = usage.get("prompt_tokens_details") or usage.get("input_tokens_details") or usage.get("prompt_token_details")
    told = usage.get("completion_tokens_details") or usage.get("output_tokens_details")
    read = first_count(
        (asked, "cached_tokens"),
        (asked, "cache_read_tokens"),
        (usage, "prompt_cache_hit_tokens"),
        (usage, "cached_tokens"),
        (usage, "num_cached_tokens"),
        (usage, "cache_read_input_tokens"),
    )
    write = first_count(
        (asked, "cache_write_tokens"),
        (asked, "cache_creation_tokens"),
        (asked, "cache_creation_input_tokens"),
        (usage, "cache_creation_input_tokens"),
        (usage, "cache_write_tokens"),
    )
    reasoning = first_count(
        (told, "reasoning_tokens"), (told, "thinking_tokens"), (usage, "reasoning_tokens"), (usage, "thinking_tokens")
    )
    prompt = _prompt(usage, read, write)
    if prompt is not None and (read or 0) + (write or 0) > prompt:
        read = write = None  # More than all makes no sense.
    return Usage(
        prompt_tokens=prompt,
        completion_tokens=_completion(usage, prompt, reasoning),
        cache_read_tokens=read,
        cache_write_tokens=write,
        cache_write_1h_tokens=_kept_an_hour(usage, asked),
        reasoning_tokens=reasoning,
        input_image_tokens=first_count((asked, "image_tokens")),
        input_audio_tokens=first_count((asked, "audio_tokens")),
    )


def _prompt(usage: dict[str, Any], read: int | None, write: int | None) -> int | None:
    """All input. Anthropic's own names count what went through the cache beside the rest, not in it."""
    prompt = first_count((usage, "prompt_tokens"), (usage, "input_tokens"))
    cached = (read or 0) + (write or 0)
    is_beside = "cache_read_input_tokens" in usage or "cache_creation_input_tokens" in usage
    if prompt is None or not is_beside or not cached:
        return prompt
    return prompt + cached if cached > prompt or "prompt_tokens" not in usage else prompt


def _completion(usage: dict[str, Any], prompt: int | None, reasoning: int | None) -> int | None:
    """All output. xAI and others leave the thoughts out of it, Gemini even out of everything but the total."""
    completion = first_count((usage, "completion_tokens"), (usage, "output_tokens"))
    if completion is None:
        return None
    total, thought = count(usage.get("total_tokens")), reasoning or 0
    beyond = 0 if total is None or prompt is None else total - prompt - completion
    if thought and (thought > completion or beyond >= thought):
        return completion + thought
    return completion + beyond if beyond > 0 and not thought and "total_tokens" in usage else completion


def _kept_an_hour(usage: dict[str, Any], asked: Any) -> int | None:
    """Of what was written to the cache."""
    details = asked.get("cache_creation_token_details") if isinstance(asked, dict) else None
    return first_count(
        (details, "ephemeral_1h_input_tokens"), (usage.get("cache_creation"), "ephemeral_1h_input_tokens")
    )
