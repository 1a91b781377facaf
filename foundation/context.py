"""What belongs to the request at hand and must not be passed through every call."""

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
asker: ContextVar[str] = ContextVar("asker", default="")
"""The id of whoever asks, once the door has let them in; empty in workers and commands."""
