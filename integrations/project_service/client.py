"""`GET /api/projects` of the Project Service, as the one who asks.

The address is the operator's (`PROJECT_SERVICE_URL`) and lies in a private network as a rule, so it is not put
through the guard of addresses that users type. The caller's token goes there and nowhere else: no redirects, no
proxies from the environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import aiohttp
import orjson

from integrations.project_service.errors import (
    ProjectServiceAway,
    ProjectServiceBroken,
    ProjectServiceRefused,
)

PATIENCE: Final = 3.0
"""Seconds for everything."""
PAGE_SIZE: Final = 100
MOST_PAGES: Final = 5
LARGEST_ANSWER: Final = 4 * 2**20
LONGEST_NAME: Final = 255
LONGEST_DESCRIPTION: Final = 2_000


@dataclass(frozen=True, slots=True)
class Project:
    """What a picker shows of a project."""

    id: str
    name: str
    description: str
    status: str


async def list_projects(base_url: str, *, user_id: UUID, authorization: str = "") -> list[Project]:
    """The projects that the caller sees there, up to 500; raises ProjectServiceFailed."""
    headers = {"user-id": str(user_id), "Accept": "application/json"}
    if authorization:
        headers["Authorization"] = authorization
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    try:
        async with aiohttp.ClientSession(headers=headers, timeout=timeout) as session:
            return await _all_pages(session, f"{base_url}/api/projects")
    except (aiohttp.ClientError, TimeoutError, OSError):
        raise ProjectServiceAway from None


async def _all_pages(session: aiohttp.ClientSession, url: str) -> list[Project]:
    found: list[Project] = []
    for page in range(1, MOST_PAGES + 1):
        listed, total = await _page(session, url, page)
        found += listed
        if not listed or len(found) >= total:
            break
    return found


async def _page(session: aiohttp.ClientSession, url: str, page: int) -> tuple[list[Project], int]:
    query = {"page": page, "limit": PAGE_SIZE}
    async with session.get(url, params=query, allow_redirects=False) as response:
        if response.status in (401, 403):
            raise ProjectServiceRefused
        if response.status != 200:
            raise ProjectServiceBroken(response.status)
        return _read(await _body(response))


async def _body(response: aiohttp.ClientResponse) -> bytes:
    """The whole answer, unless it is larger than any listing."""
    parts, size = [], 0
    async for part in response.content.iter_chunked(64 * 1024):
        parts.append(part)
        size += len(part)
        if size > LARGEST_ANSWER:
            raise ProjectServiceBroken(response.status)
    return b"".join(parts)


def _read(body: bytes) -> tuple[list[Project], int]:
    """`{success, data{projects[…], total}}`."""
    try:
        match orjson.loads(body):
            case {"success": True, "data": {"projects": list(rows), **rest}}:
                total = rest.get("total")
                projects = [_project(row) for row in rows]
                return projects, total if isinstance(total, int) else len(projects)
    except (orjson.JSONDecodeError, KeyError, TypeError):
        pass
    raise ProjectServiceBroken(200)


def _project(row: Mapping[str, Any]) -> Project:
    return Project(
        id=str(row["id"])[:LONGEST_NAME],
        name=str(row["name"])[:LONGEST_NAME],
        description=str(row.get("description") or "")[:LONGEST_DESCRIPTION],
        status=str(row.get("status") or ""),
    )
