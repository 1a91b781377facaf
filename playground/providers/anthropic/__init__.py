"""Anthropic's Messages API."""

from playground.providers.anthropic.adapter import AnthropicAdapter

__all__ = ["AnthropicAdapter"]
