"""Anthropic's messages (API reference, "Messages")."""
