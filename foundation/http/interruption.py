"""A request that the server cuts off at its stop is answered: 503 and a problem, not the server's bare 500."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson

from foundation.problems import CONTENT_TYPE, unavailable


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
                await _refuse(scope["path"], send)
            raise


async def _refuse(path: str, send: Any) -> None:
    problem = unavailable("The service is being stopped.")
    headers = [(b"content-type", CONTENT_TYPE.encode()), (b"cache-control", b"no-store"), (b"connection", b"close")]
    headers += [(name.lower().encode(), value.encode()) for name, value in problem.headers.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": orjson.dumps(problem.body(path))})
