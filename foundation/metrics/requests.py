"""ASGI: counts requests by the kind of their door, what of their time was our own, and what is followed now."""

from __future__ import annotations

import time
from typing import Any, Final

from foundation.metrics.elsewhere import Elsewhere, elsewhere
from foundation.metrics.families import HTTP_OVERHEAD_SECONDS, HTTP_REQUESTS, HTTP_SECONDS, OPEN_STREAMS
from foundation.metrics.labels import OTHER, Children

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
DOORS: Final = (
    (("/api/prompts/", "/api/executions", "/api/comparisons"), "execution"),
    (("/v1/", "/mcp"), "gateway"),
    (("/api/",), "api"),
    (("/health", "/metrics"), "watch"),
)
"""By the beginnings of their paths; all others are pages."""

_answered = Children(HTTP_REQUESTS.labels)
_lasted = Children(HTTP_SECONDS.labels)
_own = Children(HTTP_OVERHEAD_SECONDS.labels)
_open = Children(OPEN_STREAMS.labels)


def door_of(path: str) -> str:
    """The kind of door at this path."""
    return next((door for beginnings, door in DOORS if path.startswith(beginnings)), "page")


class Counted:
    """Goes around the application."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        kind = scope["type"]
        if kind == "http":
            await self._request(scope, receive, send)
        elif kind == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self._application(scope, receive, send)

    async def _request(self, scope: Any, receive: Any, send: Any) -> None:
        began, waits, door = time.monotonic(), Elsewhere(), door_of(scope["path"])
        elsewhere.set(waits)
        status, is_followed = 0, False

        async def noted(message: Any) -> None:
            nonlocal status, is_followed
            if not status and message["type"] == "http.response.start":
                status = message["status"]
                now = time.monotonic()
                _own.of(door).observe(max(0.0, now - began - waits.until(now)))
                if _is_followed(message):
                    is_followed = True
                    _open.of("sse").inc()
            await send(message)

        try:
            await self._application(scope, receive, noted)
        except Exception:
            status = status or 500
            raise
        finally:
            if is_followed:
                _open.of("sse").dec()
            if status:
                method = scope["method"] if scope["method"] in METHODS else OTHER
                _answered.of(door, method, str(status)).inc()
                _lasted.of(door).observe(time.monotonic() - began)

    async def _socket(self, scope: Any, receive: Any, send: Any) -> None:
        _open.of("socket").inc()
        try:
            await self._application(scope, receive, send)
        finally:
            _open.of("socket").dec()


def _is_followed(message: Any) -> bool:
    return any(
        name.lower() == b"content-type" and value.startswith(b"text/event-stream") for name, value in message["headers"]
    )
