"""A batch from its sending to its last answer: each look does the next step, whoever's it is.

A look holds nothing between: what is known stands in the batch's row. It begins by moving the row's next look ahead, by
a statement whose row count decides: of two that come at once one looks, and who dies at it is followed by another.
"""

from __future__ import annotations

import asyncio
import logging
import random
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from evaluation_app.economy import storing
from evaluation_app.economy.prepared import Preparing, custom_id_of
from evaluation_app.models import BatchState, Control, EvaluationSample, EvaluationTest, ProviderBatch, SampleState
from evaluation_app.running.answering import PASSING
from evaluation_app.running.material import Material
from evaluation_app.running.store import Claimed
from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from foundation.tasks import send_task
from playground.engine.host import engine
from providers.base import Timeouts
from providers.errors import Code, ProviderFailure
from providers.line.line import Line
from providers.wires.batches import NEVER_TAKEN, BatchAdapter, Standing

logger = logging.getLogger(__name__)

LEASE: Final = timedelta(minutes=5)
"""Who looks has so long for each of its steps; none of them takes longer (`TOTAL`)."""
TOTAL: Final = 240.0
"""Seconds that a call of the interface may take."""
READING: Final = 24 * 3600.0
"""The same of reading results, during which the lease is renewed."""
LONGEST_PAUSE: Final = 10
"""Times the first one."""
FULL_PAUSE: Final = timedelta(minutes=15)
GIVEN_UP_AFTER: Final = timedelta(hours=48)
"""Twice what providers promise: then nobody has it."""
MISSING_AFTER: Final = 5
"""Looks at the results of a batch that has ended, until what they lack is taken for lost."""


def ring_for_due() -> None:
    """Has everything looked at whose time has come."""
    due = ProviderBatch.objects.open().filter(next_look__lte=Now()).order_by("next_look")
    for batch_id in due.values_list("id", flat=True)[:100]:
        send_task("evaluation_app.tasks.look_at_batch", expires=10, batch_id=str(batch_id))


def only_waits(test_id: UUID) -> bool:
    """Whether a test has nothing for a runner until a batch comes on."""
    samples = EvaluationSample.objects.filter(test_id=test_id)
    todo = samples.filter(state__in=(SampleState.PENDING, SampleState.ANSWERED, SampleState.CLAIMED))
    return ProviderBatch.objects.open().filter(test_id=test_id).exists() and not todo.exists()


async def look(batch_id: UUID) -> None:
    """The next step of a batch; nothing where somebody is at it, or its time has not come."""
    batch = await in_database_thread(_taken, batch_id)
    if batch is None:
        return
    material = await Material.of(batch.test_id)
    if material is None:
        return
    try:
        await Look(batch, material).step()
    except (ProviderFailure, Problem) as failure:
        code = failure.code.value if isinstance(failure, ProviderFailure) else failure.code
        logger.warning("batch_look_failed", extra={"batch_id": str(batch_id), "reason": code})
        await in_database_thread(_put_off, batch, getattr(failure, "retry_after", None))


def _taken(batch_id: UUID) -> ProviderBatch | None:
    rows = ProviderBatch.objects.open().filter(id=batch_id, next_look__lte=Now())
    if not rows.update(next_look=Now() + LEASE, tries=F("tries") + 1):
        return None
    return ProviderBatch.objects.get(id=batch_id)


def _put_off(batch: ProviderBatch, least: float | None = None) -> None:
    """The next look: later each time, and not at the same moment as others'."""
    first = settings.ENV.evaluation_batch_look_seconds
    pause = first * min(2 ** min(batch.tries, 10), LONGEST_PAUSE) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
    pause = max(pause, least or 0)
    ProviderBatch.objects.open().filter(id=batch.id).update(next_look=timezone.now() + timedelta(seconds=pause))


def ends(batch: ProviderBatch) -> None:
    """Nothing more comes of it: what it brought is to be scored, what it did not to be asked anew."""
    if ProviderBatch.objects.open().filter(id=batch.id).update(state=BatchState.ENDED, ended_at=Now()):
        send_task("evaluation_app.tasks.run_test", test_id=str(batch.test_id))


class Look:
    """One look at one batch."""

    def __init__(self, batch: ProviderBatch, material: Material) -> None:
        self._batch = batch
        self._material = material
        self._preparing = Preparing(material)

    async def step(self) -> None:
        """Sends it, or looks how far it is; raises ProviderFailure, Problem."""
        line = await self._line()
        adapter = line.provider.adapter
        if not isinstance(adapter, BatchAdapter):
            raise Problem(503, "provider_unavailable", f"The provider “{line.provider.name}” has no batch interface.")
        self._adapter = adapter
        clocks = line.provider.timeouts
        self._timeouts = Timeouts(clocks.connect, clocks.first_byte, clocks.idle, TOTAL)
        if self._batch.state == BatchState.SENDING:
            await self._send()
        else:
            await self._read()

    async def _line(self) -> Line:
        machine = await engine()
        slug = self._batch.model_id.partition("/")[0]
        if machine.lines.get(slug) is None:
            await machine.reload_soon()
        line = machine.lines.get(slug)
        if line is None or line.provider.unavailable_reason:
            if timezone.now() - self._batch.created_at > GIVEN_UP_AFTER:
                await self._all_failed(ProviderFailure(Code.PROVIDER_UNAVAILABLE))
            raise Problem(503, "provider_unavailable", f"{slug} cannot be called.")
        return line

    async def _send(self) -> None:
        samples = await in_database_thread(waiting_in, self._batch)
        if not samples:
            await in_database_thread(ends, self._batch)
            return
        if self._batch.sent_at is not None and await self._was_found(samples, self._batch.sent_at):
            return
        if await in_database_thread(_rests_or_stops, self._batch.test_id):
            await in_database_thread(storing.back, self._batch, [each.id for each in samples], more=0)
            await in_database_thread(ends, self._batch)
            return
        lines = await self._lines(samples)
        if not lines:
            await in_database_thread(ends, self._batch)
            return
        await in_database_thread(self._note, sent_at=datetime.now(UTC), requests=len(lines))
        try:
            id_ = await self._adapter.send_batch(self._batch.id.hex, lines, timeouts=self._timeouts)
        except ProviderFailure as failure:
            if failure.code in NEVER_TAKEN:
                await in_database_thread(self._note, sent_at=None)
                if not failure.is_retryable:
                    await self._all_failed(failure)
                    return
            raise
        await in_database_thread(self._is_there, id_)

    async def _lines(self, samples: list[Claimed]) -> list[bytes]:
        """The requests. A sample that can be asked no more, as where its file is gone, leaves the batch alone."""
        await self._material.have(sample.case_id for sample in samples)
        lines, gone = list[bytes](), list[UUID]()
        for sample in samples:
            try:
                lines.append(await self._preparing.line_of(sample))
            except (Problem, ProviderFailure) as failure:
                if isinstance(failure, Problem) and failure.status in PASSING:
                    raise
                gone.append(sample.id)
            await asyncio.sleep(0)  # Thousands at once: others get their turn here.
        if gone:
            await in_database_thread(self._leave, gone)
        return lines

    def _leave(self, ids: list[UUID]) -> None:
        with transaction.atomic():
            storing.back(self._batch, ids, more=0)
            storing.set_apart(ids)
        send_task("evaluation_app.tasks.run_test", test_id=str(self._batch.test_id))

    async def _was_found(self, samples: list[Claimed], since: datetime) -> bool:
        """Whether the provider has what may have been sent before, or that cannot be told yet."""
        ours = {custom_id_of(sample) for sample in samples}
        search = await self._adapter.find_batch(
            self._batch.id.hex, count=len(samples), since=since, is_ours=ours.__contains__, timeouts=self._timeouts
        )
        if search.found:
            await in_database_thread(self._is_there, search.found)
        elif search.is_open:
            await in_database_thread(_put_off, self._batch)
        return bool(search.found or search.is_open)

    def _is_there(self, id_: str) -> None:
        self._note(provider_batch_id=id_, state=BatchState.WAITING, tries=0)
        self._batch.tries = 0
        _put_off(self._batch)

    def _note(self, **known: Any) -> None:
        ProviderBatch.objects.open().filter(id=self._batch.id).update(**known)

    async def _read(self) -> None:
        batch = self._batch
        standing = await self._adapter.batch_standing(batch.provider_batch_id, timeouts=self._timeouts)
        await in_database_thread(self._count, standing)
        if not standing.is_over:
            if not batch.is_cancelled and await in_database_thread(_stops, batch.test_id):
                await self._adapter.cancel_batch(batch.provider_batch_id, timeouts=self._timeouts)
                await in_database_thread(self._note, is_cancelled=True, tries=0)
                batch.tries = 0
            await in_database_thread(_put_off, batch)
        elif standing.is_full:
            again = datetime.now(UTC) + FULL_PAUSE
            unsent = {"state": BatchState.SENDING, "sent_at": None, "provider_batch_id": "", "next_look": again}
            await in_database_thread(self._note, **unsent)
        elif standing.refusal is not None:
            await self._all_failed(standing.refusal)
        else:
            await self._results(standing)

    def _count(self, standing: Standing) -> None:
        is_news = (standing.answered, standing.failed) != (self._batch.answered, self._batch.failed)
        self._note(answered=standing.answered, failed=standing.failed, **({"tries": 0} if is_news else {}))
        if is_news:
            self._batch.tries = 0

    async def _results(self, standing: Standing) -> None:
        timeouts = Timeouts(self._timeouts.connect, self._timeouts.first_byte, self._timeouts.idle, READING)
        store = storing.Storing(self._batch, self._material, lease=LEASE)
        cut: ProviderFailure | None = None
        for address in standing.results:
            try:
                await store.take_all(self._adapter.batch_results(address, timeouts=timeouts))
            except ProviderFailure as failure:
                cut = failure
        left = await in_database_thread(waiting_in, self._batch)
        if left and (cut or standing.answered + standing.failed) and self._batch.tries < MISSING_AFTER:
            raise cut or ProviderFailure(Code.STREAM_CUT, is_retryable=True)
        if left:
            missing = ProviderFailure(Code.MALFORMED_RESPONSE, "The results of its batch do not name it.")
            is_stopping = await in_database_thread(_stops, self._batch.test_id)
            if is_stopping or not standing.answered + standing.failed:
                await in_database_thread(storing.back, self._batch, [each.id for each in left], more=1)
            else:
                await store.failed(left, missing)
        await in_database_thread(ends, self._batch)

    async def _all_failed(self, failure: ProviderFailure) -> None:
        store = storing.Storing(self._batch, self._material, lease=LEASE)
        await store.failed(await in_database_thread(waiting_in, self._batch), failure)
        await in_database_thread(ends, self._batch)


def waiting_in(batch: ProviderBatch) -> list[Claimed]:
    """The samples that wait in it."""
    rows = EvaluationSample.objects.filter(batch_id=batch.id, state=SampleState.WAITING).order_by("block", "run", "id")
    return [storing.as_claimed(row) for row in rows]


def _stops(test_id: UUID) -> bool:
    """Whether nothing more of this test is wanted."""
    rows = EvaluationTest.objects.filter(id=test_id)
    return rows.filter(Q(control=Control.CANCEL) | ~Q(stop_reason="")).exists()


def _rests_or_stops(test_id: UUID) -> bool:
    """Whether nothing new of it may begin."""
    return _stops(test_id) or EvaluationTest.objects.filter(id=test_id, control=Control.PAUSE).exists()
