"""A cap on what a request may bring, counted as it arrives: also without Content-Length."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

import orjson

Scope = dict[str, Any]

MOST_HEADERS: Final = 200


class _TooLarge(Exception):
    """More came than is taken."""


class BodyLimit:
    """Answers 413 and stops reading once `most_bytes` have come, and 431 to more than 200 header lines."""

    def __init__(self, application: Any, *, most_bytes: int) -> None:
        self._application = application
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if len(scope["headers"]) > MOST_HEADERS:
            await _refuse(scope, send, 431, "too_many_headers", f"Up to {MOST_HEADERS} header lines are taken.")
            return
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
            await _refuse(scope, send, 413, "too_large", f"A body is taken up to {self._most_bytes} bytes.")


async def _refuse(scope: Scope, send: Any, status: int, code: str, detail: str) -> None:
    problem = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "instance": scope["path"],
        "errors": [],
    }
    headers = [(b"content-type", b"application/problem+json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": orjson.dumps(problem)})
