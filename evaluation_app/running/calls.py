"""The executions that one runner waits for: answers and judges' replies alike."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from playground import executing
from playground.engine.host import Engine
from playground.models import PromptExecution

UNAVAILABLE: Final = 503


class Unheard(Exception):
    """This process stops before the execution has ended, wherever that runs: whoever comes next hears of it."""


class Calls:
    """Of one runner."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._under_way: set[UUID] = set()
        self.are_stopped = False
        """Whether all are cut off, those too that are about to be."""

    async def ended(self, execution_id: UUID) -> PromptExecution:
        """The execution at its end, whichever; raises Unheard, Problem (404)."""
        self._under_way.add(execution_id)
        try:
            if self.are_stopped:
                self._engine.runner.cancel(execution_id)
            return await executing.record_of(execution_id)
        except Problem as problem:
            if problem.status == UNAVAILABLE:
                raise Unheard from None
            raise
        finally:
            self._under_way.discard(execution_id)

    def stop_all(self) -> None:
        """Closes the connections of all that are under way, and of those that are about to be."""
        self.are_stopped = True
        for execution_id in self._under_way:
            self._engine.runner.cancel(execution_id)


async def have_begun(execution_id: UUID) -> bool:
    """Whether there is such an execution."""
    return await in_database_thread(PromptExecution.objects.filter(id=execution_id).exists)
