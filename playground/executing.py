"""The one way into the engine, for doors, workers and tools alike: begin an execution, wait for its end, cancel it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

import orjson
import psycopg
from django.db import OperationalError

from accounts.idempotency import check_key
from accounts.models import User
from foundation.database.threads import in_database_thread
from foundation.problems import Problem, not_found, unavailable
from foundation.rest.rendering import dumps
from playground.engine import preparing, start
from playground.engine.ask import Ask
from playground.engine.confirmation import check_confirmed
from playground.engine.host import Engine, engine
from playground.engine.lifecycle import Claim
from playground.engine.preparing import Prepared
from playground.models import PromptExecution, Status
from playground.representation import execution_json


async def begin(ask: Ask, *, claim: Claim | None = None, is_streamed: bool = True) -> UUID:
    """Begins an execution: its id, or that of the one which had the claim, or the asked id, before. Raises Problem."""
    prepared = await preparing.prepare(ask)
    check_confirmed([prepared], is_confirmed=ask.is_cost_confirmed)
    return await start.begin(prepared, claim=claim, is_streamed=is_streamed)


async def prepare(ask: Ask) -> Prepared:
    """An execution that may begin, and what it may cost; nothing is written. Raises Problem."""
    return await preparing.prepare(ask)


async def recall(ask: Ask, *, session_id: UUID, project_id: str) -> Prepared:
    """An execution that was sent by another way, and is answered: nothing refuses it any more. Raises Problem where its
    provider or a file of it is gone."""
    return await preparing.recall(ask, session_id=session_id, project_id=project_id)


async def begin_prepared(prepared: Prepared) -> UUID:
    """Begins what was prepared, unheard by streams; an id that has begun before is not begun again. Raises Problem."""
    return await start.begin(prepared, is_streamed=False)


def claim_of(user: User, key: str | None, asked: Mapping[str, Any], *, route: str) -> Claim | None:
    """The caller's Idempotency-Key for this body at this door; a Problem when it is none."""
    if key is None:
        return None
    check_key(key)
    body = orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)
    return Claim(user.id, route, key, hashlib.sha256(body).digest())


async def ended(execution_id: UUID) -> tuple[PromptExecution, bytes]:
    """The execution once it has ended, wherever it runs, and the same in JSON; raises Problem (404, 503)."""
    machine = await engine()
    if run := machine.runner.run_of(execution_id):
        # Shielded: a caller that leaves must not take the answer from one who waits for the same run.
        told = await asyncio.shield(run.stored)
        return run.record, told
    execution = await _ended_elsewhere(machine, execution_id)
    return execution, dumps(execution_json(execution))


async def record_of(execution_id: UUID) -> PromptExecution:
    """The execution alone once it has ended, wherever it runs; raises Problem (404, 503)."""
    machine = await engine()
    if run := machine.runner.run_of(execution_id):
        await asyncio.shield(run.stored)
        return run.record
    return await _ended_elsewhere(machine, execution_id)


async def _ended_elsewhere(machine: Engine, execution_id: UUID) -> PromptExecution:
    # Most have ended when they are asked for, and who waits is told five times a second only. Where the database is
    # away, it is waited for, too.
    with suppress(OperationalError):
        execution = await _record(execution_id)
        if execution is not None and Status(execution.status).is_final:
            return execution
    await machine.endings.of(execution_id)
    execution = await _record(execution_id)
    if execution is None:
        raise not_found("The execution")
    return execution


async def _record(execution_id: UUID) -> PromptExecution | None:
    return await in_database_thread(PromptExecution.objects.filter(id=execution_id).first)


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
    execution = PromptExecution.objects.stoppable_by(user).only("status").filter(id=execution_id).first()
    if execution is not None:
        return execution
    if PromptExecution.objects.visible_to(user).filter(id=execution_id).exists():
        raise Problem(403, "forbidden", "You may read this session, not stop its runs.")
    raise not_found("The execution")
