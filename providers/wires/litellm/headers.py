"""What both sides of the socket to LiteLLM's process know."""

from __future__ import annotations

from typing import Final

WIRE: Final = "X-Wire"
"""The wire that an answer speaks, where it is the provider's own, unread."""
TRACEPARENT: Final = "traceparent"
"""The trace that a call belongs to, to be passed on to the provider."""
