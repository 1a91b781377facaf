"""The LLM Service's personas, for the one who asks."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from asgiref.sync import async_to_sync
from django.conf import settings

from foundation.cache.lenient import remember, remembered
from integrations.client.errors import ServiceFailed
from integrations.client.personas import Persona
from integrations.llm_service.client import list_personas

KEPT: Final = 60
KEPT_WHEN_AWAY: Final = 5
"""Seconds: a service that has just failed is not asked by every page that is opened."""


def personas(*, user_id: UUID, authorization: str) -> tuple[list[Persona], str]:
    """The presets, and why there are none where the service does not tell; neither where none is set up."""
    base_url = settings.ENV.llm_service_url
    if not base_url:
        return [], ""
    key = f"llm-personas:{user_id}"
    known: dict[str, Any] | None = remembered(key)
    if known is None:
        known = _told(base_url, user_id, authorization)
        remember(key, known, seconds=KEPT_WHEN_AWAY if known["reason"] else KEPT)
    return [Persona(**each) for each in known["personas"]], known["reason"]


def _told(base_url: str, user_id: UUID, authorization: str) -> dict[str, Any]:
    try:
        found = async_to_sync(list_personas)(base_url, user_id=user_id, authorization=authorization)
    except ServiceFailed as failure:
        return {"personas": [], "reason": str(failure)}
    return {"personas": [asdict(each) for each in found], "reason": ""}
