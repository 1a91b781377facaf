"""One prompt several times at once: each time an execution of its own, all found again by the repetition's id.

Nothing keeps them together but their ids, which are made of the repetition's: asked for twice it is begun once, and
what a limit refused can be asked for again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID, uuid5

from accounts.models import User
from foundation.problems import Problem
from playground import executing
from playground.engine.ask import Ask
from playground.models import PromptExecution

FEWEST: Final = 2
MOST: Final = 20
FACT: Final = "repetition"
"""What the service notes of such an execution: the repetition's `id`, its own `number` from 1, and `of` how many."""


def id_of(user: User, key: str) -> UUID:
    """The repetition that this user asks for under a key of theirs."""
    return uuid5(user.id, key)


def execution_ids(repetition_id: UUID) -> list[UUID]:
    """The ids that its executions have, by their numbers; most repetitions have fewer."""
    return [uuid5(repetition_id, str(number)) for number in range(1, MOST + 1)]


async def repeat(ask: Ask, *, times: int, repetition_id: UUID) -> list[Problem]:
    """Begins `ask` so many times; what refused those that did not begin. Raises Problem where none did.

    No answer comes from the execution cache: each would be the first one again.
    """
    asks = [
        replace(
            ask,
            execution_id=execution_id,
            parameters={**ask.parameters, "cache": False},
            facts={**ask.facts, FACT: {"id": str(repetition_id), "number": number, "of": times}},
        )
        for number, execution_id in enumerate(execution_ids(repetition_id)[:times], start=1)
    ]
    # What holds for one holds for all: nothing has begun when the first look finds a fault.
    await executing.prepare(asks[0])
    refusals = [problem for problem in await asyncio.gather(*map(_refusal_of, asks)) if problem]
    if len(refusals) == times:
        raise refusals[0]
    return refusals


async def _refusal_of(ask: Ask) -> Problem | None:
    try:
        await executing.begin(ask)
    except Problem as problem:
        return problem
    return None


def executions_of(user: User, repetition_id: UUID) -> list[PromptExecution]:
    """Its executions that `user` may read, in the order of their numbers."""
    ids = execution_ids(repetition_id)
    seen = PromptExecution.objects.visible_to(user).filter(id__in=ids).select_related("session", "template_version")
    return sorted(seen, key=lambda execution: ids.index(execution.id))


def noted(execution: PromptExecution) -> dict[str, Any] | None:
    """What `FACT` says of an execution; None for one that was asked for alone."""
    found: dict[str, Any] | None = execution.metadata.get(FACT)
    return found


async def stop(user: User, executions: Sequence[PromptExecution]) -> None:
    """Asks all of them to stop; raises Problem where the user may not."""
    await asyncio.gather(*(executing.cancel(user=user, execution_id=execution.id) for execution in executions))
