"""The one way into the engine, for doors, workers and tools alike: begin an execution, wait for its end, cancel it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import psycopg

from accounts.models import User
from foundation.database.threads import in_database_thread
from foundation.problems import Problem, not_found, unavailable
from foundation.rest.rendering import dumps
from playground.engine import start
from playground.engine.host import engine
from playground.engine.start import Started
from playground.models import PromptExecution, Status
from playground.representation import execution_json


async def begin(
    *, user: User, asked: Mapping[str, Any], idempotency_key: str | None = None, is_streamed: bool = True
) -> Started:
    """Begins the execution that `asked` (a body that a door has checked) describes; raises Problem."""
    claim = start.claim_of(user, idempotency_key, asked, route="stream" if is_streamed else "execute")
    prepared = await start.prepare(user=user, asked=asked)
    return await start.begin(prepared, claim=claim, is_streamed=is_streamed)


async def ended(started: Started) -> tuple[PromptExecution, bytes]:
    """The execution once it has ended, wherever it runs, and the same in JSON."""
    if started.run is not None:
        # Shielded: a caller that leaves must not take the answer from one who waits for the same run.
        told = await asyncio.shield(started.run.stored)
        return started.run.record, told
    machine = await engine()
    async for _ in machine.readers.read(started.id):
        pass
    execution = await in_database_thread(PromptExecution.objects.get, id=started.id)
    return execution, dumps(execution_json(execution))


async def cancel(*, user: User, execution_id: UUID) -> bool:
    """Asks the execution to stop; False when it had ended. Raises Problem (404, 503).

    A run of this process is stopped at once, one of another within half a second.
    """
    execution = await in_database_thread(_find, user, execution_id)
    if Status(execution.status).is_final:
        return False
    machine = await engine()
    try:
        runner_id = await machine.store.request_cancel(execution_id)
    except psycopg.OperationalError:
        raise unavailable("The database is away.") from None
    if runner_id is None:
        return False
    if runner_id == machine.runner.id:
        machine.runner.cancel(execution_id)
    return True


def _find(user: User, execution_id: UUID) -> PromptExecution:
    execution = PromptExecution.objects.editable_by(user).only("status").filter(id=execution_id).first()
    if execution is not None:
        return execution
    if PromptExecution.objects.visible_to(user).filter(id=execution_id).exists():
        raise Problem(403, "forbidden", "You may read this session, not stop its runs.")
    raise not_found("The execution")
