"""Anthropic's Messages API."""

from providers.wires.anthropic.adapter import AnthropicAdapter

__all__ = ["AnthropicAdapter"]
