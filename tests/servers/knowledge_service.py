"""A Knowledge Service on a socket: documents that hold a word of the query."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.servers.around import ServiceAround

GARBAGE = (
    b"<html>", b"[]", b"7", b"{}", b'{"results": 1}', b'{"results": [1, "x", {}, {"document": 1}]}', b'{"results": nul',
)  # fmt: skip


def a_document(number: int, words: str) -> dict[str, Any]:
    """A row of results with all that the service tells of one."""
    return {
        "document": {
            "id": f"doc-{number}",
            "name": f"Report {number}.pdf",
            "description": f"About {words}",
            "tags": [],
        },
        "similarity_score": 0.9 - number / 100,
        "highlights": [f"…the {words} of report {number}…"],
        "chunks": [{"id": f"chunk-{number}", "content": f"Chapter {number}: all about {words}.", "page": 3}],
    }


@dataclass
class KnowledgeService(ServiceAround):
    """`GET /documents`."""

    documents: list[dict[str, Any]] = field(
        default_factory=lambda: [a_document(number, "lead batteries") for number in range(30)]
    )

    def routes(self) -> Iterable[web.RouteDef]:
        """The one door."""
        return [web.get("/documents", self._search)]

    async def _search(self, request: web.Request) -> web.StreamResponse:
        if failure := await self.failing(request):
            return failure
        words = request.query["query"].split()
        found = [row for row in self.documents if any(word in row["document"]["description"] for word in words)]
        return web.json_response({"results": found[: int(request.query["limit"])], "total": len(found)})
