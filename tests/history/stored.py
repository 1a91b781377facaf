"""Sessions and executions as rows, and files as they come over the wire."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import aiohttp
from django.db import connection

from accounts.models import User
from foundation.sealing.encryption import keyring
from playground.engine import lifecycle
from playground.models import PromptExecution, RunnerLease
from sessions_app.models import PlaygroundSession
from tests.cast import Person

BEGIN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
IN_ONE_STATEMENT = """
INSERT INTO prompt_executions (
    id, session_id, user_id, model_id, request, answer, status, error_code, prompt_tokens, completion_tokens,
    estimated_cost, execution_time, metadata, created_at, ended_at, cancel_requested, last_event
) SELECT id, %(session)s, %(user)s, 'openai/echo', request, NULL, 'completed', '', 1, 2, 0.5, 1.5, '{}',
         %(begin)s + n * make_interval(secs => %(apart)s), %(begin)s + n * make_interval(secs => %(apart)s), false, 4
FROM unnest(%(ids)s::uuid[], %(requests)s::bytea[]) WITH ORDINALITY AS given(id, request, n)
"""


@dataclass(frozen=True)
class File:
    """A whole answer of bytes."""

    status: int
    headers: Any
    content: bytes


async def download(person: Person, path: str, **headers: str) -> File:
    """GET as a client that keeps files does it."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(person.url + path, headers={**person.headers, **headers}, allow_redirects=False) as response,
    ):
        return File(response.status, response.headers, await response.read())


def user_of(person: Person) -> User:
    """The row behind a person."""
    assert person.user is not None
    return person.user


def a_session(person: Person, **fields: Any) -> PlaygroundSession:
    """A session of somebody's."""
    return PlaygroundSession.objects.create(user=user_of(person), **{"name": "Letters", **fields})


def an_execution(session: PlaygroundSession, number: int = 0, **fields: Any) -> PromptExecution:
    """One ended execution; `number` minutes after the first."""
    moment = BEGIN + timedelta(minutes=number)
    given: dict[str, Any] = {
        "model_id": "openai/echo",
        "request": {"prompt": f"prompt {number}"},
        "answer": {"response": f"response {number}"},
        "status": "completed",
        "prompt_tokens": 10,
        "completion_tokens": 20,
        "estimated_cost": Decimal("0.00125"),
        "execution_time": Decimal("1.5"),
        "created_at": moment,
        "ended_at": moment,
        **fields,
    }
    made = PromptExecution.objects.create(session=session, user_id=session.user_id, **given)
    lifecycle.keep([made.id])
    return made


def a_living_runner() -> uuid.UUID:
    """Whose executions the reaper leaves alone."""
    return RunnerLease.objects.latest("expires_at").id


def many_executions(session: PlaygroundSession, count: int, *, seconds_apart: int = 1) -> None:
    """So many completed executions without answers, in one statement."""
    ids = [uuid.uuid4() for _ in range(count)]
    ring = keyring()
    requests = [
        ring.seal_json({"prompt": f"prompt {number}"}, place=f"prompt_executions/{key}/request")
        for number, key in enumerate(ids)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            IN_ONE_STATEMENT,
            {
                "session": session.id,
                "user": session.user_id,
                "begin": BEGIN,
                "ids": ids,
                "requests": requests,
                "apart": seconds_apart,
            },
        )
    lifecycle.keep(ids)
