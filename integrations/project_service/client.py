"""`GET /api/projects` and `GET /api/projects/{id}` of the Project Service, as the one who asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

from integrations.client.errors import NotThere
from integrations.client.personas import Persona, personas_of
from integrations.client.reading import Reader, segment
from integrations.client.texts import LONGEST_DESCRIPTION, LONGEST_NAME, text

NAME: Final = "Project Service"
PAGE_SIZE: Final = 100
MOST_PAGES: Final = 5
LONGEST_CONTEXT: Final = 20_000


@dataclass(frozen=True, slots=True)
class Project:
    """What a picker shows of a project."""

    id: str
    name: str
    description: str
    status: str


@dataclass(frozen=True, slots=True)
class ProjectDetails:
    """What a project says to the prompts of its sessions; each is empty where the service says nothing."""

    id: str
    name: str
    description: str
    knowledge_domain: str
    decision_context: str
    """As text; what came as an object is JSON."""
    default_model: str
    """`settings.default_llm`."""
    personas: list[Persona]


async def list_projects(base_url: str, *, user_id: UUID, authorization: str = "") -> list[Project]:
    """The projects that the caller sees there, up to 500; raises ServiceFailed."""
    reader = Reader(NAME, base_url, user_id=user_id, authorization=authorization)
    found: list[Project] = []
    for page in range(1, MOST_PAGES + 1):
        listed, total = _listed(reader, await reader.get("/api/projects", {"page": page, "limit": PAGE_SIZE}))
        found += listed
        if not listed or len(found) >= total:
            break
    return found


async def project_details(base_url: str, project_id: str, *, user_id: UUID, authorization: str = "") -> ProjectDetails:
    """One project in full; raises ServiceFailed, of which NotThere is one."""
    reader = Reader(NAME, base_url, user_id=user_id, authorization=authorization)
    if project_id.strip() in ("", ".", ".."):  # Names of other places, not of a project.
        raise NotThere(NAME)
    match await reader.get(f"/api/projects/{segment(project_id)}"):
        case {"success": True, "data": {"id": _, "name": _} as row}:
            return _details(row)
        case _:
            raise reader.unreadable()


def _listed(reader: Reader, answer: Any) -> tuple[list[Project], int]:
    """`{success, data{projects[…], total}}`."""
    match answer:
        case {"success": True, "data": {"projects": list(rows), **rest}}:
            projects = [_project(row) for row in rows if isinstance(row, Mapping) and {"id", "name"} <= row.keys()]
            if len(projects) < len(rows):
                raise reader.unreadable()
            total = rest.get("total")
            return projects, total if isinstance(total, int) else len(projects)
        case _:
            raise reader.unreadable()


def _project(row: Mapping[str, Any]) -> Project:
    return Project(
        id=text(row["id"], LONGEST_NAME),
        name=text(row["name"], LONGEST_NAME),
        description=text(row.get("description"), LONGEST_DESCRIPTION),
        status=text(row.get("status"), LONGEST_NAME),
    )


def _details(row: Mapping[str, Any]) -> ProjectDetails:
    settings = row.get("settings")
    settings = settings if isinstance(settings, Mapping) else {}
    personas = settings.get("personas")
    return ProjectDetails(
        id=text(row["id"], LONGEST_NAME),
        name=text(row["name"], LONGEST_NAME),
        description=text(row.get("description"), LONGEST_DESCRIPTION),
        knowledge_domain=text(row.get("knowledge_domain"), LONGEST_NAME),
        decision_context=_as_text(row.get("decision_context")),
        default_model=text(settings.get("default_llm"), LONGEST_NAME),
        personas=personas_of(personas),
    )


def _as_text(value: Any) -> str:
    if isinstance(value, dict | list) and value:
        value = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    return text(value, LONGEST_CONTEXT)
