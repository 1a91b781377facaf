"""What both sides of the socket to LiteLLM's process know."""

from __future__ import annotations

from typing import Final

WIRE: Final = "X-Wire"
"""The wire that an answer speaks, where it is the provider's own, unread."""
