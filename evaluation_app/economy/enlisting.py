"""How samples come into batches: prepared once a variant and case, paid for as far as the ceiling lets, then written
down together with their batch. Sending is another step (`looking`), which can be taken up by anybody."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid4

import orjson
from django.db import connection, transaction
from django.utils import timezone

from evaluation_app import lifecycle
from evaluation_app.economy import statements, storing
from evaluation_app.economy.lease import Lease
from evaluation_app.economy.prepared import Preparing
from evaluation_app.models import EvaluationSample, EvaluationTest, EvaluationVariant, SampleState
from evaluation_app.running.answering import PASSING, is_over_quota, most_of_judging_one
from evaluation_app.running.material import Material
from evaluation_app.running.store import Claimed
from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from foundation.tasks import send_task
from playground.engine import elsewhere
from playground.engine.elsewhere import Wanted
from providers.errors import ProviderFailure

MOST_REQUESTS: Final = 5_000
"""A batch: far below what providers take, so that its lines are held without much memory, and one that goes wrong is
a part of the test."""
MOST_BYTES: Final = 16_000_000
HELD_FOR: Final = timedelta(days=4)
"""What quotas have set aside for a request in a batch; twice as long as anybody waits for the batch."""


class Enlisted(NamedTuple):
    """A sample that is to go into a batch."""

    sample_id: UUID
    cost: Decimal
    """USD that are set aside of the test's ceiling: its answer's, and its judges'."""
    wanted: Wanted

    def as_row(self, position: int) -> dict[str, Any]:
        """As `statements.ENLIST` reads it."""
        execution_id, cost = self.wanted.id, str(self.cost)
        return {"id": self.sample_id, "execution_id": execution_id, "cost": cost, "position": position}


async def enlist(material: Material) -> None:
    """Puts everything that may be sent now into batches; nothing where somebody is at it. Raises OperationalError."""
    lease = await in_database_thread(Lease.taken, material.test.id)
    if lease is None:
        return
    try:
        for variant_id in material.variants:
            while await _enlist_some(material, variant_id):
                await in_database_thread(lease.renew)
    finally:
        await in_database_thread(lease.let_go)


async def _enlist_some(material: Material, variant_id: UUID) -> bool:
    """One batch; False where nothing more of this variant can go."""
    samples = await in_database_thread(next_samples, material.test.id, variant_id)
    if not samples:
        return False
    await material.have(sample.case_id for sample in samples)
    preparing, asked, size = Preparing(material), list[Enlisted](), 0
    for sample in samples:
        try:
            prepared = await preparing.of(sample)
            request = await preparing.line_of(sample)
        except Problem as problem:
            if problem.status in PASSING:
                return False
            await in_database_thread(storing.set_apart, [sample.id])
            continue
        except ProviderFailure:
            await in_database_thread(storing.set_apart, [sample.id])
            continue
        await asyncio.sleep(0)  # Thousands at once: others get their turn here.
        size += len(request)
        if size > MOST_BYTES and asked:
            break
        wanted = elsewhere.wanted(prepared)
        cost = wanted.reserved_cost
        if material.test.max_cost is not None:
            cost += most_of_judging_one(material, sample, prepared)
        if not asked and not await in_database_thread(_has_room, material.test.id, cost, wanted):
            return False
        asked.append(Enlisted(sample.id, cost, wanted))
    return not asked or await in_database_thread(_written, material.test, variant_id, asked)


def _has_room(test_id: UUID, cost: Decimal, wanted: Wanted) -> bool:
    """Whether the ceiling and the quotas may let this begin: the thousands after it are not prepared at every ring.

    Where money is still set aside, more of it may come back. A quota that is used up has the test rest.
    """
    test = EvaluationTest.objects.get(id=test_id)
    taken = test.spent_cost + test.reserved_cost
    if test.max_cost is not None and test.reserved_cost and taken + cost > test.max_cost:
        return False
    refusal = elsewhere.refusal_of(wanted)
    if refusal is not None and is_over_quota(refusal):
        lifecycle.rest_for_quota(test_id, tokens=wanted.reserved_tokens, cost=wanted.reserved_cost)
    return refusal is None


def next_samples(test_id: UUID, variant_id: UUID) -> list[Claimed]:
    """Samples of a variant that are to be asked, in the order of their blocks."""
    with connection.cursor() as cursor:
        cursor.execute(statements.NEXT, {"test": test_id, "variant": variant_id, "count": MOST_REQUESTS})
        return [
            Claimed(id_, variant, case, run, attempt, None, block, is_answered=False)
            for id_, variant, case, run, attempt, block in cursor.fetchall()
        ]


@transaction.atomic
def _written(test: EvaluationTest, variant_id: UUID, asked: Sequence[Enlisted]) -> bool:
    """The batch and its samples; whether there may be more to go. A ceiling that lets nothing begin ends the test."""
    batch_id = uuid4()
    model_id = EvaluationVariant.objects.values_list("model_id", flat=True).get(id=variant_id)
    let_in = elsewhere.set_aside([each.wanted for each in asked], until=timezone.now() + HELD_FOR)
    rows = [each.as_row(position) for position, each in enumerate(asked) if each.wanted.id in let_in]
    with connection.cursor() as cursor:
        cursor.execute(
            statements.ENLIST,
            {"test": test.id, "batch": batch_id, "model": model_id, "asked": orjson.dumps(rows).decode()},
        )
        went, free, reserved = cursor.fetchone()
    elsewhere.give_back([*let_in.difference(went)])
    if went:
        transaction.on_commit(partial(send_task, "evaluation_app.tasks.look_at_batch", batch_id=str(batch_id)))
    elif free and reserved == Decimal(0) and not _is_busy(test):
        EvaluationTest.objects.running().filter(id=test.id, stop_reason="").update(stop_reason="max_cost")
    return bool(len(went) == free == len(asked))


def _is_busy(test: EvaluationTest) -> bool:
    """Whether some of its money may still come back."""
    busy = (SampleState.CLAIMED, SampleState.WAITING)
    return EvaluationSample.objects.filter(test=test, state__in=busy).exists()
