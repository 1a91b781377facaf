"""Several executions that are asked for at once: a prompt again and again, or once for each row of values.

Nothing keeps them together but their ids, which are made of the whole's: asked for twice it is begun once, and what a
limit refused can be asked for again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid5

from accounts.models import User
from foundation.problems import Problem
from playground import executing
from playground.engine.ask import Ask
from playground.engine.confirmation import check_confirmed
from playground.engine.preparing import Prepared
from playground.models import PromptExecution

FEWEST_TIMES: Final = 2
MOST_TIMES: Final = 20
MOST_ROWS: Final = 50
MOST: Final = max(MOST_TIMES, MOST_ROWS)


class Kind(StrEnum):
    """Why they belong together: what the service notes of each, as the whole's `id`, its `number` from 1, `of` all."""

    REPETITION = "repetition"
    ROWS = "form_row"


def id_of(user: User, key: str, kind: Kind) -> UUID:
    """The whole that this user asks for under a key of theirs."""
    return uuid5(user.id, f"{kind} {key}")


def execution_ids(whole_id: UUID) -> list[UUID]:
    """The ids that its executions have, by their numbers; most wholes have fewer."""
    return [uuid5(whole_id, str(number)) for number in range(1, MOST + 1)]


async def repeat(ask: Ask, *, times: int, whole_id: UUID) -> list[Problem]:
    """Begins `ask` so many times, as `begin` does; no answer comes from the cache, where each would be the first."""
    again = replace(ask, parameters={**ask.parameters, "cache": False})
    return await begin([again] * times, whole_id=whole_id, kind=Kind.REPETITION)


async def begin(asks: Sequence[Ask], *, whole_id: UUID, kind: Kind) -> list[Problem]:
    """Begins each; what refused those that did not begin. Raises Problem where none did."""
    ids = execution_ids(whole_id)
    noted = [
        replace(
            ask,
            execution_id=ids[place],
            facts={**ask.facts, kind.value: {"id": str(whole_id), "number": place + 1, "of": len(asks)}},
        )
        for place, ask in enumerate(asks)
    ]
    # What holds for one mostly holds for all: nothing has begun when the first look finds a fault.
    first = await executing.prepare(noted[0])
    if not noted[0].is_cost_confirmed:
        rest = await asyncio.gather(*map(executing.prepare, noted[1:]), return_exceptions=True)
        check_confirmed([first, *(each for each in rest if isinstance(each, Prepared))], is_confirmed=False)
    meant = [replace(ask, is_cost_confirmed=True) for ask in noted]
    refusals = [problem for problem in await asyncio.gather(*map(_refusal_of, meant)) if problem]
    if len(refusals) == len(asks):
        raise refusals[0]
    return refusals


async def _refusal_of(ask: Ask) -> Problem | None:
    try:
        await executing.begin(ask)
    except Problem as problem:
        return problem
    return None


def executions_of(user: User, whole_id: UUID) -> list[PromptExecution]:
    """Its executions that `user` may read, in the order of their numbers."""
    ids = execution_ids(whole_id)
    seen = PromptExecution.objects.visible_to(user).filter(id__in=ids).select_related("session", "template_version")
    return sorted(seen, key=lambda execution: ids.index(execution.id))


def noted(execution: PromptExecution, kind: Kind) -> dict[str, Any] | None:
    """Where an execution belongs; None for one that was asked for otherwise."""
    found: dict[str, Any] | None = execution.metadata.get(kind.value)
    return found


async def stop(user: User, executions: Sequence[PromptExecution]) -> None:
    """Asks all of them to stop; raises Problem where the user may not."""
    await asyncio.gather(*(executing.cancel(user=user, execution_id=execution.id) for execution in executions))
