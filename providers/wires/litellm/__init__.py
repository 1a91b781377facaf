"""Every provider that LiteLLM speaks to. The library itself is imported by its own process only."""

from providers.wires.litellm.adapter import LiteLLMAdapter

__all__ = ["LiteLLMAdapter"]
