"""OpenAI's chat completions, which most providers and local servers speak too."""

from playground.providers.openai.adapter import OpenAIAdapter

__all__ = ["OpenAIAdapter"]
