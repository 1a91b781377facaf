"""A cap on what a request may bring, counted as it arrives: also without Content-Length.

A refusal goes out at once, but the connection is not closed over what its sender is still writing: the system would
answer that with a reset, which takes the refusal away from a sender that has not read it yet. So what comes is read and
thrown away for a while; whoever does not stop is cut off.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Final

from django.conf import settings

from foundation.http.refusals import refusal
from foundation.problems import Problem
from foundation.words import number

Scope = dict[str, Any]
Message = dict[str, Any]

MOST_HEADERS: Final = 200
PATIENCE: Final = 5.0
"""Seconds for which the rest of a refused body is thrown away."""
MOST_THROWN_AWAY: Final = 64 * 2**20
"""Bytes of it."""


def most_bytes(path: str) -> int:
    """What a body may bring at this address."""
    limit: int = settings.MAX_BODY_BYTES
    if path in settings.LARGE_PATHS:
        limit = settings.MAX_LARGE_BYTES
    elif path in settings.UPLOAD_PATHS or settings.IMPORT_PATTERN.fullmatch(path) is not None:
        limit = settings.MAX_UPLOAD_BYTES
    return limit


class _TooLarge(Exception):
    """More came than is taken; `last` is the message that was too much."""

    def __init__(self, last: Message) -> None:
        super().__init__()
        self.last = last


class BodyLimit:
    """Answers 413 once more has come than `most_bytes` of the path, 431 to over 200 header lines."""

    def __init__(self, application: Any, *, most_bytes: Callable[[str], int]) -> None:
        self._application = application
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if len(scope["headers"]) > MOST_HEADERS:
            problem = Problem(431, "too_many_headers", f"Up to {MOST_HEADERS} header lines are taken.")
            await _refuse(scope, send, problem, _thrown_away(receive))
            return
        taken, most = 0, self._most_bytes(scope["path"])

        async def counted() -> Any:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > most:
                    raise _TooLarge(message)
            return message

        try:
            await self._application(scope, counted, send)
        except _TooLarge as found:
            await _refuse(scope, send, Problem(413, "too_large", taken_up_to(most)), _thrown_away(receive, found.last))


async def _refuse(scope: Scope, send: Any, problem: Problem, rest: Awaitable[None]) -> None:
    told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    kind, body = refusal(problem, scope["path"], told)
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            await rest
    await send({"type": "http.response.body", "body": b""})


async def _thrown_away(receive: Any, last: Message | None = None) -> None:
    """Takes what still comes after `last`, to its end or `MOST_THROWN_AWAY`."""
    message, taken = last or {"type": "http.request", "more_body": True}, 0
    while message["type"] == "http.request" and message.get("more_body", False) and taken < MOST_THROWN_AWAY:
        message = await receive()
        taken += len(message.get("body", b""))


def taken_up_to(most: int) -> str:
    """The sentence on a body that is too large."""
    return f"A body is taken up to {number(most)} bytes ({most // 2**20} MB)."
