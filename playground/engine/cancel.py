"""Stopping an execution, from whichever process."""

from __future__ import annotations

from uuid import UUID

import psycopg

from accounts.models import User
from foundation.database_threads import in_database_thread
from foundation.problems import Problem, not_found, unavailable
from playground.engine.process import engine
from playground.models import PromptExecution, Status


async def request_cancel(*, user: User, execution_id: UUID) -> bool:
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
