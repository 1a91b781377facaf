"""The projects that a session can belong to, from the Project Service; without it a project is typed freely."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from asgiref.sync import async_to_sync

from foundation.cache.lenient import remember, remembered
from integrations.project_service.client import list_projects
from integrations.project_service.errors import ProjectServiceFailed

KEPT: Final = 60
"""Seconds that a user's projects are believed."""
KEPT_WHEN_AWAY: Final = 5
"""Seconds in which a service that has just failed is not asked again: each question may take its whole patience."""


def projects(base_url: str | None, *, user_id: UUID, authorization: str) -> dict[str, Any]:
    """`{configured, available, reason, results[{id, name, description, status}]}`; never an error."""
    if not base_url:
        return _nothing("No Project Service is set up here (PROJECT_SERVICE_URL).", is_configured=False)
    key = f"projects:{user_id}"
    known: dict[str, Any] | None = remembered(key)
    if known is not None:
        return known
    found, seconds = _asked(base_url, user_id, authorization)
    remember(key, found, seconds=seconds)
    return found


def _asked(base_url: str, user_id: UUID, authorization: str) -> tuple[dict[str, Any], int]:
    try:
        listed = async_to_sync(list_projects)(base_url, user_id=user_id, authorization=authorization)
    except ProjectServiceFailed as failure:
        return _nothing(str(failure), is_configured=True), KEPT_WHEN_AWAY
    results = [asdict(project) for project in listed]
    return {"configured": True, "available": True, "reason": None, "results": results}, KEPT


def _nothing(reason: str, *, is_configured: bool) -> dict[str, Any]:
    return {"configured": is_configured, "available": False, "reason": reason, "results": []}
