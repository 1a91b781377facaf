"""Django's ASGI handler for views that never leave the event loop.

The stock handler sends `request_started` and `request_finished` through a worker thread, made anew
for every request, so that connections of synchronous views are given back: two thread hops and a
thread's start and join (0.4 ms of CPU, and the queue for the GIL under load). The views served here
use the ORM in `in_database_thread` only, which gives its connections back itself. URLs, middleware
and everything else are Django's own. See docs/decisions/003-lean-handler.md.
"""

from __future__ import annotations

import asyncio
from typing import Any

from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix


class LeanHandler(ASGIHandler):
    """The handler of asynchronous views that keep no thread's resources."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        set_script_prefix(get_script_prefix(scope))
        request, refusal = self.create_request(scope, body)
        try:
            if request is None:
                await self.send_response(refusal, send)  # type: ignore[arg-type]
            else:
                await self._answer(request, receive, send)
        finally:
            body.close()

    async def _answer(self, request: HttpRequest, receive: Any, send: Any) -> None:
        answering = asyncio.create_task(self._respond(request, send))
        leaving = asyncio.create_task(self._left(receive))
        await asyncio.wait((answering, leaving), return_when=asyncio.FIRST_COMPLETED)
        for task in (leaving, answering):
            if not task.done():
                task.cancel()
        try:
            await answering
        except asyncio.CancelledError:
            # The client left; what it asked for goes on in the runner.
            return

    async def _respond(self, request: HttpRequest, send: Any) -> None:
        response: HttpResponseBase = await self.run_get_response(request)
        # Not closed: these views open no files, and closing would send the signal that is saved here.
        await self.send_response(response, send)

    async def _left(self, receive: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            continue
