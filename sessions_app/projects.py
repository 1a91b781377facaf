"""The projects that a session can belong to, from the Project Service; without it a project is typed freely."""

from __future__ import annotations

from dataclasses import asdict
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from asgiref.sync import async_to_sync

from foundation.cache.lenient import remember, remembered
from integrations.client.personas import Persona
from integrations.project_service.client import ProjectDetails, list_projects, project_details
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


def details(base_url: str, project_id: str, *, user_id: UUID, authorization: str) -> ProjectDetails:
    """What one project says to the prompts of its sessions, as this user sees it there; raises ProjectServiceFailed."""
    key = f"project:{user_id}:{sha256(project_id.encode()).hexdigest()}"
    known: dict[str, Any] | None = remembered(key)
    if known is None:
        known = _told(base_url, project_id, user_id, authorization)
        remember(key, known, seconds=KEPT_WHEN_AWAY if "reason" in known else KEPT)
    if "reason" in known:
        raise ProjectServiceFailed(known["reason"])
    return ProjectDetails(**{**known, "personas": [Persona(**each) for each in known["personas"]]})


def _told(base_url: str, project_id: str, user_id: UUID, authorization: str) -> dict[str, Any]:
    try:
        found = async_to_sync(project_details)(base_url, project_id, user_id=user_id, authorization=authorization)
    except ProjectServiceFailed as failure:
        return {"reason": str(failure)}
    return asdict(found)


def _nothing(reason: str, *, is_configured: bool) -> dict[str, Any]:
    return {"configured": is_configured, "available": False, "reason": reason, "results": []}
