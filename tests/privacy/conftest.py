"""A project whose calls are masked, somebody who runs prompts in it, and what its provider really got to read."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from foundation.database.threads import in_database_thread
from privacy.models import MaskingRules
from tests.cast import Person, new_user
from tests.doors.conftest import browser_of
from tests.evaluation_app.conftest import bench
from tests.playground.conftest import anonymous, author, ledger, make_provider, provider, stranger
from tests.servers.service import Service

__all__ = ["anonymous", "author", "bench", "browser_of", "ledger", "make_provider", "provider", "stranger"]

EMAIL, PHONE, NAME = "canary.ada@example.org", "+49 30 901820", "Ada Canary"
PLANTED = (EMAIL, PHONE, NAME)
TEXT = f"Write to {EMAIL} or call {PHONE}, says {NAME}."
MASKED = "Write to [EMAIL_1] or call [PHONE_1], says [NAME_1]."


@dataclass(frozen=True)
class Project:
    """One with rules."""

    id: str
    session: str
    """The author's, in it."""
    service: Service

    async def requests(self, marker: str) -> list[dict[str, Any]]:
        """What the provider got for models whose name has this marker, bodies only."""
        async with aiohttp.ClientSession() as client, client.get(f"{self.service.simulator.url}/requests") as response:
            asked = await response.json()
        return [each["body"] for each in asked if marker in json.dumps(each["body"])]

    async def sent(self, marker: str) -> str:
        """All of it as one text; it was something."""
        bodies = await self.requests(marker)
        assert bodies
        return json.dumps(bodies, ensure_ascii=False)


RULES: dict[str, Any] = {"email": True, "phone": True, "iban": True, "card": True, "names": [NAME]}
MakeProject = Callable[..., Any]


@pytest.fixture
def make_project(author: Person, service: Service) -> MakeProject:
    """Makes projects with rules."""

    async def make(**rules: Any) -> Project:
        name = f"project-{uuid.uuid4().hex[:10]}"
        await in_database_thread(lambda: MaskingRules.objects.create(project_id=name, **{**RULES, **rules}))
        session = await author.post("/api/sessions", {"name": "Masked", "project_id": name})
        return Project(name, session.body["id"], service)

    return make


@pytest.fixture
def curator(service: Service) -> Person:
    """Who may set what is masked."""
    return Person(service.url, new_user(name="Curator", roles=["curator"]))


def marked(provider: str, behaviour: str = "echo") -> tuple[str, str]:
    """A model of this test alone, and its marker."""
    marker = uuid.uuid4().hex[:10]
    return f"{provider}/{behaviour}@{marker}", marker


def spoilt(project_id: str) -> None:
    """Rules that cannot be read: their words are sealed for another row."""
    row = MaskingRules.objects.get(project_id=project_id)
    other = MaskingRules.objects.create(project_id=f"{project_id}-2", names=["x y"])
    MaskingRules.objects.filter(id=row.id).update(names=MaskingRules.objects.get(id=other.id).__dict__["names"])
