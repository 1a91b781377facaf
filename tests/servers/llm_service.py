"""The LLM Service's personas on a socket; its answers come from the provider simulator, which speaks its wire."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.servers.around import ServiceAround

GARBAGE = (b"<html>", b"7", b"{}", b'{"personas": 1}')


@dataclass
class LLMService(ServiceAround):
    """`GET /llm/personas`."""

    personas: Any = field(
        default_factory=lambda: {"personas": [{"id": "p1", "name": "Reviewer", "prompt": "You review {{work}}."}]}
    )

    def routes(self) -> Iterable[web.RouteDef]:
        """The one door."""
        return [web.get("/llm/personas", self._list)]

    async def _list(self, request: web.Request) -> web.StreamResponse:
        return await self.failing(request) or web.json_response(self.personas)
