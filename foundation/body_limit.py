"""A cap on what a request may bring, counted as it arrives: also without Content-Length."""

from __future__ import annotations

from typing import Any

import orjson

Scope = dict[str, Any]


class _TooLarge(Exception):
    """More came than is taken."""


class BodyLimit:
    """Answers 413 and stops reading once `most_bytes` have come."""

    def __init__(self, application: Any, *, most_bytes: int) -> None:
        self._application = application
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        taken = 0

        async def counted() -> Any:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > self._most_bytes:
                    raise _TooLarge
            return message

        try:
            await self._application(scope, counted, send)
        except _TooLarge:
            await self._refuse(scope, send)

    async def _refuse(self, scope: Scope, send: Any) -> None:
        problem = {
            "type": "about:blank",
            "title": "Content Too Large",
            "status": 413,
            "detail": f"A body is taken up to {self._most_bytes} bytes.",
            "code": "too_large",
            "instance": scope["path"],
            "errors": [],
        }
        headers = [(b"content-type", b"application/problem+json"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": orjson.dumps(problem)})
