"""OpenAI's chat completions, which most providers and local servers speak too."""

from providers.wires.openai.adapter import OpenAIAdapter

__all__ = ["OpenAIAdapter"]
