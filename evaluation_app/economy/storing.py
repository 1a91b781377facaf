"""What a batch brought, as executions of its samples: so many at once, each stored whole or not at all."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now

from evaluation_app.economy import statements
from evaluation_app.economy.prepared import Recalling, sample_id_in
from evaluation_app.models import EvaluationSample, ProviderBatch, SampleState
from evaluation_app.running.asking import execution_id_of
from evaluation_app.running.material import Material
from evaluation_app.running.store import Claimed
from foundation.database.threads import in_database_thread
from foundation.tasks import send_task
from playground.engine import elsewhere
from playground.engine.elsewhere import Kept
from providers.errors import Code, ProviderFailure
from providers.wires.batches import Fate, Outcome

AT_ONCE: Final = 100
"""Answers that are held, and stored in one transaction."""
MOST_ATTEMPTS: Final = 2
"""Of a sample whose batch was not worked off in time."""


def as_claimed(row: EvaluationSample) -> Claimed:
    """A sample as those who ask know it."""
    return Claimed(
        row.id, row.variant_id, row.case_id, row.run, row.attempt, row.execution_id, row.block, is_answered=False
    )


def back(batch: ProviderBatch, ids: list[UUID], *, more: int) -> None:
    """Lets samples be asked anew that the provider never answered; `more`: 1 where that was an attempt."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statements.BACK, {"test": batch.test_id, "batch": batch.id, "ids": ids, "more": more})
        elsewhere.give_back([execution_id for (execution_id,) in cursor.fetchall()])


def set_apart(ids: Iterable[UUID]) -> None:
    """Leaves samples that cannot be asked to a runner, which tells why (`running.answering`)."""
    rows = EvaluationSample.objects.filter(id__in=list(ids), state=SampleState.PENDING, execution_id=None)
    for id_, attempt in rows.values_list("id", "attempt"):
        rows.filter(id=id_).update(execution_id=execution_id_of(id_, attempt))


class Storing:
    """Of one batch."""

    def __init__(self, batch: ProviderBatch, material: Material, *, lease: timedelta) -> None:
        self._batch = batch
        self._material = material
        self._recalling = Recalling(material, batch.model_id)
        self._lease = lease

    async def take_all(self, outcomes: AsyncGenerator[Outcome, None]) -> None:
        """Stores what a file of results tells, as it comes; raises ProviderFailure, with what came before stored."""
        held: list[Outcome] = []
        try:
            async with aclosing(outcomes) as each:
                async for outcome in each:
                    held.append(outcome)
                    if len(held) >= AT_ONCE:
                        taken, held = held, []
                        await self._store(taken)
        finally:
            await self._store(held)

    async def failed(self, samples: list[Claimed], failure: ProviderFailure) -> None:
        """Ends samples that have no answer and get none."""
        for start in range(0, len(samples), AT_ONCE):
            await self._keep([(sample, Outcome("", Fate.FAILED, [], failure)) for sample in samples[start:][:AT_ONCE]])

    async def _store(self, outcomes: list[Outcome]) -> None:
        by_sample = {id_: each for each in outcomes if (id_ := sample_id_in(each.custom_id)) is not None}
        waiting = await in_database_thread(self._waiting, list(by_sample))
        again, kept = list[UUID](), list[tuple[Claimed, Outcome]]()
        for sample in waiting:
            outcome = by_sample[sample.id]
            if outcome.fate == Fate.CANCELLED or (outcome.fate == Fate.EXPIRED and sample.attempt < MOST_ATTEMPTS):
                again.append(sample.id)
            elif outcome.fate == Fate.EXPIRED:
                failure = ProviderFailure(Code.TIMEOUT_TOTAL, "The provider's batches did not come to it within a day.")
                kept.append((sample, outcome._replace(failure=failure)))
            else:
                kept.append((sample, outcome))
        if again:
            await in_database_thread(back, self._batch, again, more=1)
        await self._keep(kept)

    def _waiting(self, ids: list[UUID]) -> list[Claimed]:
        ProviderBatch.objects.open().filter(id=self._batch.id).update(next_look=Now() + self._lease)
        rows = EvaluationSample.objects.filter(id__in=ids, batch_id=self._batch.id, state=SampleState.WAITING)
        return [as_claimed(row) for row in rows]

    async def _keep(self, outcomes: list[tuple[Claimed, Outcome]]) -> None:
        if not outcomes:
            return
        await self._material.have(sample.case_id for sample, _ in outcomes)
        batch_id = self._batch.provider_batch_id or str(self._batch.id)
        rows: dict[UUID, Kept] = {}
        for sample, outcome in outcomes:
            prepared = await self._recalling.of(sample)
            rows[sample.id] = elsewhere.answered(prepared, outcome.events, outcome.failure, batch_id=batch_id)
        await in_database_thread(self._written, rows)

    def _written(self, rows: dict[UUID, Kept]) -> None:
        """Who stores the same a second time finds nothing that waits."""
        with transaction.atomic(), connection.cursor() as cursor:
            waiting = EvaluationSample.objects.select_for_update().filter(
                id__in=rows, batch_id=self._batch.id, state=SampleState.WAITING
            )
            ids = list(waiting.order_by("id").values_list("id", flat=True))
            elsewhere.keep([rows[id_] for id_ in ids])
            cursor.execute(statements.ANSWERED, {"ids": ids, "batch": self._batch.id})
        send_task("evaluation_app.tasks.run_test", test_id=str(self._batch.test_id))
