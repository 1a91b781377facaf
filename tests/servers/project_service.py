"""A Project Service on a socket: projects by page, and the ways in which such a service fails."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

Mode = Literal["fine", "slow", "broken", "garbage", "huge", "unauthorised", "redirecting"]
GARBAGE = (b"<html>", b"[]", b'{"success": true}', b'{"success": false, "error": "x"}', b'{"success": true, "data": 1}')


def a_project(number: int) -> dict[str, Any]:
    """A project with all that the service tells of one."""
    return {
        "id": f"project-{number}",
        "name": f"Project {number}",
        "description": "What it is for",
        "owner_id": "somebody",
        "status": "active",
        "settings": {"default_llm": "openai/gpt-4o", "personas": [], "tools_enabled": []},
        "created_at": "2026-01-01T00:00:00Z",
    }


@dataclass
class ProjectService:
    """`GET /api/projects`; `asked` holds the headers of every call."""

    mode: Mode = "fine"
    garbage: bytes = GARBAGE[0]
    projects: list[dict[str, Any]] = field(default_factory=lambda: [a_project(number) for number in range(3)])
    asked: list[dict[str, str]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Its address; the same after a stop and another start."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listens."""
        application = web.Application()
        application.router.add_get("/api/projects", self._list)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Ends it."""
        await self._runner.cleanup()

    async def _list(self, request: web.Request) -> web.StreamResponse:
        self.asked.append({name.lower(): value for name, value in request.headers.items()})
        match self.mode:
            case "slow":
                await asyncio.sleep(30)
            case "broken":
                return web.json_response({"success": False, "error": "boom", "message": "secret detail"}, status=500)
            case "unauthorised":
                return web.json_response({"success": False, "error": "unauthorised"}, status=401)
            case "garbage":
                return web.Response(body=self.garbage, content_type="application/json")
            case "huge":
                return web.Response(body=b" " * (8 * 2**20), content_type="application/json")
            case "redirecting":
                raise web.HTTPFound("/elsewhere")
        page, limit = int(request.query["page"]), int(request.query["limit"])
        chosen = self.projects[(page - 1) * limit : page * limit]
        data = {"projects": chosen, "total": len(self.projects), "page": page, "limit": limit}
        return web.json_response({"success": True, "data": data, "timestamp": "2026-01-01T00:00:00Z"})
