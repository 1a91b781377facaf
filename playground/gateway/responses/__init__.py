"""OpenAI's responses (API reference, "Responses")."""
