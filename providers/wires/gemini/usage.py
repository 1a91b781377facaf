"""Gemini's usageMetadata (https://ai.google.dev/api/generate-content#UsageMetadata)."""

from __future__ import annotations

from typing import Any

from providers.base import Usage
from providers.wires.json_shapes import count


def usage_of(usage: dict[str, Any]) -> Usage:
    """Thoughts are counted beside the candidates; what a tool of Gemini's own read is input, too."""
    prompt, total = count(usage.get("promptTokenCount")), count(usage.get("totalTokenCount"))
    if prompt is not None:
        prompt += count(usage.get("toolUsePromptTokenCount")) or 0
    written, thought = count(usage.get("candidatesTokenCount")), count(usage.get("thoughtsTokenCount"))
    completion = None if written is None and thought is None else (written or 0) + (thought or 0)
    if (
        prompt is not None
        and total is not None
        and total >= prompt
        and (completion is None or written == total - prompt)
    ):
        completion = total - prompt  # Some count the thoughts among the candidates.
    return Usage(
        prompt_tokens=prompt,
        completion_tokens=completion,
        cache_read_tokens=count(usage.get("cachedContentTokenCount")),
        reasoning_tokens=thought,
        input_image_tokens=_of_modality(usage, "IMAGE"),
        input_audio_tokens=_of_modality(usage, "AUDIO"),
    )


def _of_modality(usage: dict[str, Any], modality: str) -> int | None:
    details = usage.get("promptTokensDetails")
    for each in details if isinstance(details, list) else ():
        if isinstance(each, dict) and each.get("modality") == modality:
            return count(each.get("tokenCount"))
    return None
