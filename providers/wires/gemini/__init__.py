"""Gemini's own API (Google AI and Vertex), as far as its answers go: LiteLLM writes the requests."""
