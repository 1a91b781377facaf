"""A service around ours, on a socket, and the ways in which such a service fails."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import web

Mode = Literal[
    "fine", "slow", "broken", "page", "garbage", "huge", "unauthorised", "redirecting", "restarting", "missing"
]


@dataclass
class ServiceAround:
    """`asked` holds the headers of every call, `queries` what stood behind its question mark."""

    mode: Mode = "fine"
    garbage: bytes = b"[]"
    asked: list[dict[str, str]] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Its address; the same after a stop and another start."""
        return f"http://127.0.0.1:{self.port}"

    def routes(self) -> Iterable[web.RouteDef]:
        """What it serves."""
        raise NotImplementedError

    async def start(self) -> None:
        """Listens."""
        application = web.Application(client_max_size=64 * 2**20)
        application.router.add_routes(self.routes())
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Ends it."""
        await self._runner.cleanup()

    def renewed(self) -> None:
        """As if nobody had asked yet."""
        self.mode = "fine"
        self.asked.clear()
        self.queries.clear()

    async def failing(self, request: web.Request) -> web.StreamResponse | None:
        """Notes the call; the answer of the mode, None where all is well."""
        self.asked.append({name.lower(): value for name, value in request.headers.items()})
        self.queries.append(dict(request.query))
        match self.mode:
            case "slow":
                await asyncio.sleep(30)
            case "broken":
                return web.json_response({"success": False, "error": "boom", "message": "secret detail"}, status=500)
            case "restarting" if len(self.asked) == 1:
                return web.json_response({"error": "starting"}, status=503)
            case "missing":
                return web.json_response({"success": False, "error": "not found"}, status=404)
            case "unauthorised":
                return web.json_response({"success": False, "error": "unauthorised"}, status=401)
            case "page":
                return web.Response(text="<html><body>Sign in</body></html>", content_type="text/html")
            case "garbage":
                return web.Response(body=self.garbage, content_type="application/json")
            case "huge":
                return web.Response(body=b" " * (10 * 2**20), content_type="application/json")
            case "redirecting":
                raise web.HTTPFound("/elsewhere")
        return None
