"""Anthropic's usage (https://docs.anthropic.com/en/api/messages), put together from its parts."""

from __future__ import annotations

from typing import Any

from providers.base import Usage
from providers.wires.json_shapes import count, first_count

COUNTS = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens")


class AnthropicUsage:
    """Merges what message_start and message_delta say field by field: counts are of the whole message so far.

    `input_tokens` leaves out what went through the prompt cache. The output count of message_start is only a
    beginning, and is not taken.
    """

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._kept_an_hour: int | None = None
        self._reasoning: int | None = None

    def add(self, usage: dict[str, Any], *, is_beginning: bool = False) -> Usage:
        """The counts up to now."""
        for name in COUNTS:
            said = count(usage.get(name))
            # Gateways that repeat a field without knowing it send 0.
            if (
                said is not None
                and (said or not self._counts.get(name))
                and not (is_beginning and name == "output_tokens")
            ):
                self._counts[name] = said
        hour = first_count((usage.get("cache_creation"), "ephemeral_1h_input_tokens"))
        self._kept_an_hour = self._kept_an_hour if hour is None else hour
        details = usage.get("output_tokens_details")
        thought = first_count((details, "thinking_tokens"), (details, "reasoning_tokens"))
        self._reasoning = self._reasoning if thought is None else thought
        return self._so_far()

    def _so_far(self) -> Usage:
        read = self._counts.get("cache_read_input_tokens")
        write = self._counts.get("cache_creation_input_tokens")
        asked = self._counts.get("input_tokens")
        return Usage(
            prompt_tokens=None if asked is None else asked + (read or 0) + (write or 0),
            completion_tokens=self._counts.get("output_tokens"),
            cache_read_tokens=read,
            cache_write_tokens=write,
            cache_write_1h_tokens=self._kept_an_hour,
            reasoning_tokens=self._reasoning,
        )
