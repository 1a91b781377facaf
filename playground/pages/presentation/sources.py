"""What the panel beside the prompt shows of the services around, each text ready to be put into the form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from integrations.client.personas import Persona
from integrations.project_service.client import ProjectDetails
from playground.pages.presentation.quoting import plain, quoted


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that can be put into the prompt: as it is read, and as it is inserted."""

    text: str
    inserted: str


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document that was found."""

    name: str
    description: str
    passages: list[Passage]


@dataclass(frozen=True, slots=True)
class ProjectView:
    """The session's project, or why nothing is known of it."""

    id: str
    name: str = ""
    reason: str = ""
    context: Passage | None = None
    """Description and decision context together."""
    personas: tuple[Persona, ...] = ()
    default_model: str = ""


def document_view(found: Mapping[str, Any]) -> DocumentView:
    """`found` as `playground.sources.knowledge.searched` gives it; what is both highlight and chunk is shown once."""
    texts = list(dict.fromkeys([*found["chunks"], *found["highlights"]])) or [found["description"]]
    passages = [Passage(text, quoted(text, source=found["name"])) for text in texts if text.strip()]
    return DocumentView(found["name"], found["description"], passages)


def project_view(project: ProjectDetails) -> ProjectView:
    """A project as it was told."""
    parts = [project.description]
    if project.decision_context:
        parts.append(f"Decision context:\n{project.decision_context}")
    text = "\n\n".join(part for part in parts if part.strip())
    context = Passage(text, quoted(text, source=f"Project {project.name}")) if text else None
    personas = tuple(presets(project.personas))
    return ProjectView(project.id, project.name, "", context, personas, project.default_model)


def presets(personas: Iterable[Persona]) -> list[Persona]:
    """Personas whose prompts hold no variable."""
    return [Persona(each.name, plain(each.prompt)) for each in personas]
