"""What belongs to the request at hand and must not be passed through every call."""

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
