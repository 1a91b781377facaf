"""Ollama's own chat API."""

from playground.providers.ollama.adapter import OllamaAdapter

__all__ = ["OllamaAdapter"]
