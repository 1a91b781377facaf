"""Doors for other vendors' clients: OpenAI's chat completions, responses and models, Anthropic's messages.

They say the same as `playground.api` in other words: each request becomes the body of an execution, by whose rules it
is checked, and goes the one way in (`playground.executing`).
"""
