"""A Project Service on a socket: projects by page, and each by its id."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.servers.around import Mode, ServiceAround

__all__ = ["GARBAGE", "Mode", "ProjectService", "a_project"]
GARBAGE = (
    b"<html>",
    b"[]",
    b'{"success": true}',
    b'{"success": false, "error": "x"}',
    b'{"success": true, "data": 1}',
    b'{"success": true, "data": {"projects": [1]}}',
)


def a_project(number: int) -> dict[str, Any]:
    """A project with all that the service tells of one."""
    return {
        "id": f"project-{number}",
        "name": f"Project {number}",
        "description": "What it is for",
        "owner_id": "somebody",
        "status": "active",
        "knowledge_domain": "engineering",
        "settings": {"default_llm": "openai/echo", "personas": ["Risk Analyst"], "tools_enabled": []},
        "decision_context": f"Which battery project {number} buys",
        "created_at": "2026-01-01T00:00:00Z",
    }


@dataclass
class ProjectService(ServiceAround):
    """`GET /api/projects`, `GET /api/projects/{id}`."""

    projects: list[dict[str, Any]] = field(default_factory=lambda: [a_project(number) for number in range(3)])

    def routes(self) -> Iterable[web.RouteDef]:
        """The list, and each."""
        return [web.get("/api/projects", self._list), web.get("/api/projects/{id}", self._one)]

    async def _list(self, request: web.Request) -> web.StreamResponse:
        if failure := await self.failing(request):
            return failure
        page, limit = int(request.query["page"]), int(request.query["limit"])
        chosen = self.projects[(page - 1) * limit : page * limit]
        data = {"projects": chosen, "total": len(self.projects), "page": page, "limit": limit}
        return web.json_response({"success": True, "data": data, "timestamp": "2026-01-01T00:00:00Z"})

    async def _one(self, request: web.Request) -> web.StreamResponse:
        if failure := await self.failing(request):
            return failure
        named = [row for row in self.projects if row["id"] == request.match_info["id"]]
        if not named:
            return web.json_response({"success": False, "error": "not found"}, status=404)
        return web.json_response({"success": True, "data": named[0], "timestamp": "2026-01-01T00:00:00Z"})
