"""OpenAI's chat completions (API reference, "Chat")."""
