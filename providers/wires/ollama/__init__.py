"""Ollama's own chat API."""

from providers.wires.ollama.adapter import OllamaAdapter

__all__ = ["OllamaAdapter"]
