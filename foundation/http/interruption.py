"""A request that the server cuts off at its stop is answered: 503 and a problem, not the server's bare 500."""

from __future__ import annotations

import asyncio
from typing import Any

from foundation.problems import unavailable


class AnswersInterruption:
    """ASGI: goes around the application. One whose answer has begun is cut off as before."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        has_begun = False

        async def noted(message: Any) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._application(scope, receive, noted)
        except asyncio.CancelledError:
            if not has_begun:
                await _refuse(scope, send)
            raise


async def _refuse(scope: Any, send: Any) -> None:
    problem = unavailable("The service is being stopped.")
    asked_in = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"content-type"), "")
    kind, body = problem.written(scope["path"], asked_in=asked_in)
    headers = [(b"content-type", kind.encode()), (b"cache-control", b"no-store"), (b"connection", b"close")]
    headers += [(name.lower().encode(), value.encode()) for name, value in problem.headers.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
