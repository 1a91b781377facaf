"""The project's documents, by the Knowledge Service (DADMS's `search_knowledge_base`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from integrations.client.errors import ServiceFailed
from integrations.knowledge_service.client import LONGEST_QUERY, MOST, search
from playground.tools.tool import Caller, Tool, ToolFailed


class SearchKnowledgeBase(Tool):
    """Searches as the person whose run it is: the service is told who, by its own token."""

    name = "search_knowledge_base"
    category = "knowledge"
    description = "Searches the project's documents, and gives the passages that say most to the query."
    parameters: Mapping[str, Any] = {
        "type": "object",
        "properties": {
            "query": {"type": "string", "minLength": 1, "maxLength": LONGEST_QUERY},
            "limit": {"type": "integer", "minimum": 1, "maximum": MOST, "default": 5},
        },
        "required": ["query"],
        "additionalProperties": False,
    }
    examples = ({"query": "safety requirements", "limit": 3},)

    @property
    def unavailable_reason(self) -> str:
        """Where no service is configured."""
        return "" if settings.ENV.knowledge_service_url else "No Knowledge Service is configured."

    async def run(self, arguments: Mapping[str, Any], caller: Caller) -> Any:
        """`{"documents": [{"id", "name", "description", "score", "passages"}]}`, the best first."""
        if (base_url := settings.ENV.knowledge_service_url) is None:
            raise ToolFailed(self.unavailable_reason)
        try:
            found = await search(
                base_url,
                query=arguments["query"],
                limit=arguments.get("limit", 5),
                user_id=caller.user_id,
            )
        except ServiceFailed as failure:
            raise ToolFailed(str(failure)) from None
        documents = [
            {
                "id": each.id,
                "name": each.name,
                "description": each.description,
                "score": each.score,
                "passages": each.chunks or each.highlights,
            }
            for each in found
        ]
        return {"documents": documents}
