"""The session's form: what it sends, as the API's body, and what a session or a refusal puts back into it.

Values are not judged here: every door's body is judged by the same serializer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from foundation.problems import Problem
from sessions_app.api.bodies import SessionChangeSerializer, SessionSerializer
from sessions_app.models import PlaygroundSession

FIELDS = ("name", "description", "project_id", "purpose", "tags")
"""Every place of the form that can show a refusal."""


@dataclass
class SessionForm:
    """What stands in the form: as typed, or as the session has it."""

    name: str = ""
    description: str = ""
    project_id: str = ""
    purpose: str = ""
    tags: str = ""
    revision: str = ""

    @classmethod
    def from_post(cls, data: Mapping[str, str]) -> SessionForm:
        """The form as it was sent."""
        texts = {name: data.get(name, "").strip() for name in ("name", "project_id", "purpose", "tags", "revision")}
        return cls(**texts, description=data.get("description", "").replace("\r\n", "\n"))

    @classmethod
    def from_session(cls, session: PlaygroundSession) -> SessionForm:
        """The form that would leave the session as it is."""
        return cls(
            name=session.name,
            description=session.description,
            project_id=session.project_id,
            purpose=session.purpose,
            tags=", ".join(session.tags),
            revision=str(session.revision),
        )

    @property
    def body(self) -> dict[str, Any]:
        """The form as the API takes it."""
        tags = [each.strip() for each in self.tags.split(",") if each.strip()]
        texts = {name: getattr(self, name) for name in FIELDS if name != "tags"}
        return {**texts, "tags": tags}

    def checked(self, *, is_new: bool) -> dict[str, Any]:
        """The checked body; raises REST framework's ValidationError."""
        given = (SessionSerializer if is_new else SessionChangeSerializer)(data=self.body)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)


def errors_by_field(problem: Problem) -> dict[str, str]:
    """The refusal's messages by the field that they stand at; what stands at none is under the empty name."""
    found: dict[str, str] = {}
    for error in problem.errors:
        place = next((name for name in FIELDS if error["field"].partition(".")[0] == name), "")
        found[place] = f"{found[place]} {error['message']}" if place in found else error["message"]
    return found or {"": problem.detail or problem.title}
