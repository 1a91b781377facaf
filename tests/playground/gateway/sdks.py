"""Official clients in environments of their own: what each is asked, and what it must make of the answers."""

from __future__ import annotations

import asyncio
import json
import os
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from accounts.models import Role
from foundation.database.threads import in_database_thread
from scripts import consumers
from tests.accounts.test_api_tokens import program
from tests.cast import Person, new_user
from tests.playground.gateway.test_chat import PIXEL
from tests.playground.gateway.test_leave import waiting
from tests.quotas.test_quotas import of_user, set_limits
from tests.servers.service import Service

PROGRAMS = consumers.ROOT / "tests" / "sdks"


@dataclass(frozen=True)
class Asking:
    """What a program is given on standard input."""

    given: dict[str, Any]
    slug: str

    async def by(self, words: list[str], environment: dict[str, str], cwd: Any) -> dict[str, Any]:
        """What the program told, run in a process of its own."""
        process = await asyncio.create_subprocess_exec(
            *words, env={"PATH": os.environ["PATH"], **environment}, cwd=cwd,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        told, errors = await process.communicate(json.dumps(self.given).encode())
        assert process.returncode == 0, errors.decode()[-3_000:]
        return dict(json.loads(told))


@pytest.fixture
async def asking(service: Service, author: Person, provider: str) -> AsyncIterator[Asking]:
    """An author with a released template and one whose tool asks first, a token that may only read, and somebody who
    has used up their quota."""
    admin = Person(service.url, await in_database_thread(lambda: new_user(roles=[Role.ADMIN])))
    spent = Person(service.url, await in_database_thread(new_user))
    await set_limits(admin, await of_user(spent), {"period": "day", "executions": 1})
    assert (await spent.execute(f"{provider}/echo")).status == 200
    slug = f"greeting-{uuid.uuid4().hex[:8]}"
    content = {"name": "Greeting", "slug": slug, "category": "C", "prompt": "Be kind", "model_id": f"{provider}/echo"}
    made = await author.post("/api/templates", content)
    assert made.status == 201, made.body
    slug = made.body["slug"]
    await author.call("PUT", f"/api/templates/{made.body['id']}/labels/production", {"version": 1})
    reading = await program(author, "read")
    tokens = {"own": author.token, "wrong": "llmp_wrong", "reading": reading.token, "spent": spent.token}
    given = {"url": author.url, "tokens": tokens, "provider": provider, "picture": PIXEL}
    async with waiting(author, provider, "https://example.com/weather") as (model, _):
        yield Asking({**given, "template": f"template:{slug}@production", "waiting": model}, slug)


def with_streams(refusals: dict[str, Any]) -> dict[str, Any]:
    """The same whether a stream was asked for: what is refused before the first word has a status."""
    return refusals | {f"{name}, streamed": told for name, told in refusals.items()}
