"""What the Knowledge Service's documents say to a question, for the one who asks."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from django.conf import settings

from integrations.knowledge_service.client import search
from integrations.knowledge_service.errors import KnowledgeServiceFailed


def is_configured() -> bool:
    """Whether there is a Knowledge Service here."""
    return settings.ENV.knowledge_service_url is not None


def searched(*, query: str, limit: int, user_id: UUID, authorization: str) -> dict[str, Any]:
    """`{configured, available, reason, results[…]}`, a result as `Found` has it; never an error."""
    base_url = settings.ENV.knowledge_service_url
    if not base_url:
        return _nothing("No Knowledge Service is set up here (KNOWLEDGE_SERVICE_URL).", is_configured=False)
    try:
        found = async_to_sync(search)(base_url, query=query, limit=limit, user_id=user_id, authorization=authorization)
    except KnowledgeServiceFailed as failure:
        return _nothing(str(failure), is_configured=True)
    return {"configured": True, "available": True, "reason": None, "results": [asdict(each) for each in found]}


def _nothing(reason: str, *, is_configured: bool) -> dict[str, Any]:
    return {"configured": is_configured, "available": False, "reason": reason, "results": []}
