"""Cohere's own chat API, version 2, as far as its answers go: LiteLLM writes the requests."""
