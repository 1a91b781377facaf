"""A cap on what a request may bring, counted as it arrives: also without Content-Length."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.conf import settings

from foundation.http.refusals import refusal
from foundation.problems import Problem

Scope = dict[str, Any]

MOST_HEADERS: Final = 200


def most_bytes(path: str) -> int:
    """What a body may bring at this address."""
    limit: int = settings.MAX_BODY_BYTES
    if path in settings.LARGE_PATHS:
        limit = settings.MAX_LARGE_BYTES
    elif path in settings.UPLOAD_PATHS or settings.IMPORT_PATTERN.fullmatch(path) is not None:
        limit = settings.MAX_UPLOAD_BYTES
    return limit


class _TooLarge(Exception):
    """More came than is taken."""


class BodyLimit:
    """Answers 413 and stops reading once more has come than `most_bytes` of the path, 431 to over 200 header lines."""

    def __init__(self, application: Any, *, most_bytes: Callable[[str], int]) -> None:
        self._application = application
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if len(scope["headers"]) > MOST_HEADERS:
            await _refuse(scope, send, 431, "too_many_headers", f"Up to {MOST_HEADERS} header lines are taken.")
            return
        taken, most = 0, self._most_bytes(scope["path"])

        async def counted() -> Any:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > most:
                    raise _TooLarge
            return message

        try:
            await self._application(scope, counted, send)
        except _TooLarge:
            await _refuse(scope, send, 413, "too_large", taken_up_to(most))


async def _refuse(scope: Scope, send: Any, status: int, code: str, detail: str) -> None:
    told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    kind, body = refusal(Problem(status, code, detail), scope["path"], told)
    headers = [(b"content-type", kind.encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def taken_up_to(most: int) -> str:
    """The sentence on a body that is too large."""
    return f"A body is taken up to {most} bytes ({most // 2**20} MB)."
