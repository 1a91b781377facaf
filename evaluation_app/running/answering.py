"""How a sample gets its answer: an execution of its own, begun once, whoever takes the sample up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from evaluation_app.models import SampleState
from evaluation_app.running.asking import Asking
from evaluation_app.running.material import Material
from evaluation_app.running.store import Claimed, Ended, SampleStore, Wish
from foundation.database.threads import in_database_thread
from foundation.problems import FieldError, Problem, invalid
from playground import executing
from playground.engine.host import Engine
from playground.engine.start import Prepared
from playground.models import PromptExecution, Status
from providers.errors import Code

PASSING: Final = frozenset({429, 503})
"""Refusals that say: later."""
NOT_ASKED: Final = "stopped"


class Unbegun(Exception):
    """It could not begin now, and another time it may."""

    def __init__(self, *, is_broke: bool) -> None:
        super().__init__()
        self.is_broke = is_broke
        """Whether the test's ceiling was in the way."""


class AskedInVain(Exception):
    """Its execution died with its process, and may have been billed; `ended` is its end where it is not asked again."""

    def __init__(self, ended: Ended) -> None:
        super().__init__()
        self.ended = ended


class Answering:
    """Asks for one runner."""

    def __init__(self, engine: Engine, material: Material, store: SampleStore) -> None:
        test = material.test
        self._engine = engine
        self._store = store
        self._asking = Asking(material, timeout=float(test.policy["timeout"]))
        self._max_cost = test.max_cost
        self._under_way: set[UUID] = set()
        self._is_stopped = False

    async def answer(self, sample: Claimed, *, is_stopping: Callable[[], bool]) -> PromptExecution | Ended:
        """The sample's answer, or its end without one. Raises Unbegun, AskedInVain, Problem (a fault of what is asked).

        What may have begun is looked for first: it was paid, so it is waited for, also where the test stops.
        """
        if sample.execution_id is not None and (known := await _begun(sample.execution_id)) is not None:
            return await self._end_of(sample, known)
        if is_stopping():
            return Ended(sample.id, SampleState.SKIPPED, datetime.now(UTC))
        try:
            prepared = await executing.prepare(await self._asking.ask_of(sample))
        except Problem as problem:
            if problem.status in PASSING and not problem.errors and problem.code == "unavailable":
                raise Unbegun(is_broke=False) from None
            raise
        await self._reserve(sample, prepared)
        try:
            execution_id = await executing.begin_prepared(prepared)
        except Problem as problem:
            if problem.status in PASSING:
                raise Unbegun(is_broke=False) from None
            raise
        return await self._end_of(sample, execution_id)

    async def _reserve(self, sample: Claimed, prepared: Prepared) -> None:
        cost = prepared.dearest_cost
        if self._max_cost is not None:
            if not prepared.is_priced:
                message = "The price of this model is unknown: its cost cannot be kept below a limit."
                raise invalid([FieldError("max_cost", "price_unknown", message)])
            prepared.within(cost)
        if not await self._store.reserve(Wish(sample.id, prepared.record.id, cost)):
            raise Unbegun(is_broke=True)

    async def _end_of(self, sample: Claimed, execution_id: UUID) -> PromptExecution | Ended:
        self._under_way.add(execution_id)
        try:
            if self._is_stopped:
                self._engine.runner.cancel(execution_id)
            record, _ = await executing.ended(execution_id)
        finally:
            self._under_way.discard(execution_id)
        return record if record.status == Status.COMPLETED else _unanswered(sample, record)

    def stop_all(self) -> None:
        """Closes the connections of all answers under way, and of those that are about to be."""
        self._is_stopped = True
        for execution_id in self._under_way:
            self._engine.runner.cancel(execution_id)


async def _begun(execution_id: UUID) -> UUID | None:
    """The execution, where it ever began."""
    found = PromptExecution.objects.filter(id=execution_id)
    return execution_id if await in_database_thread(found.exists) else None


def _unanswered(sample: Claimed, record: PromptExecution) -> Ended:
    ended = Ended(
        sample.id,
        SampleState.SKIPPED if record.status == Status.CANCELLED else SampleState.ERRORED,
        datetime.now(UTC),
        execution_id=record.id,
        cost=record.estimated_cost or Decimal(0),
        error_code=record.error_code or NOT_ASKED,
        error_message=record.error_message,
        prompt_tokens=record.prompt_tokens,
        completion_tokens=record.completion_tokens,
    )
    if record.status == Status.FAILED and record.error_code == Code.INTERRUPTED:
        raise AskedInVain(ended)
    return ended
