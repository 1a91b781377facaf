"""What samples of a batch ask, prepared once a variant and case: runs of both ask the same under ids of their own."""

from __future__ import annotations

import copy
from collections import OrderedDict
from dataclasses import replace
from typing import Final
from uuid import UUID

from evaluation_app.running.answering import PASSING
from evaluation_app.running.asking import Asking, execution_id_of
from evaluation_app.running.material import Material
from evaluation_app.running.store import Claimed
from foundation.problems import Problem
from playground import executing
from playground.engine import elsewhere
from playground.engine.preparing import Prepared
from providers.wires.batches import BatchAdapter

HELD: Final = 256


def custom_id_of(sample: Claimed) -> str:
    """What a provider calls this sample's request: letters, digits and a hyphen, at most 64."""
    return f"{sample.id.hex}-{sample.attempt}"


def sample_id_in(custom_id: str) -> UUID | None:
    """The sample that a provider names; None where it is none of ours."""
    try:
        return UUID(hex=custom_id.partition("-")[0])
    except ValueError:
        return None


class Preparing:
    """Of one test."""

    def __init__(self, material: Material) -> None:
        self._material = material
        self._asking = Asking(material, timeout=float(material.test.policy["timeout"]))
        self._kept: OrderedDict[tuple[UUID, UUID], Prepared] = OrderedDict()

    async def of(self, sample: Claimed) -> Prepared:
        """The sample's execution as it may begin; raises Problem."""
        key = (sample.variant_id, sample.case_id)
        kept = self._kept.get(key)
        if kept is None:
            kept = self._kept[key] = await self._made(sample)
            if len(self._kept) > HELD:
                self._kept.popitem(last=False)
        record = copy.copy(kept.record)
        record.id, record.metadata = execution_id_of(sample.id, sample.attempt), dict(kept.record.metadata)
        return replace(kept, record=record)

    async def _made(self, sample: Claimed) -> Prepared:
        return await executing.prepare(await self._asking.ask_of(sample))

    async def line_of(self, sample: Claimed) -> bytes:
        """The sample's request as its provider's batch takes it; raises Problem, ProviderFailure."""
        prepared = await self.of(sample)
        adapter = adapter_of(prepared)
        return adapter.batch_line(custom_id_of(sample), await elsewhere.request_in_batch(prepared))


class Recalling(Preparing):
    """Of samples of one model that were sent: what came for them is kept, whatever became of the question meanwhile."""

    def __init__(self, material: Material, model_id: str) -> None:
        super().__init__(material)
        self._model_id = model_id

    async def _made(self, sample: Claimed) -> Prepared:
        test = self._material.test
        place = {"session_id": test.session_id, "project_id": test.policy.get("project_id", "")}
        try:
            return await executing.recall(await self._asking.ask_of(sample), **place)
        except Problem as problem:
            if problem.status in PASSING:
                raise
            return await executing.recall(self._asking.unfilled(sample, self._model_id), **place)


def adapter_of(prepared: Prepared) -> BatchAdapter:
    """The batch interface that this execution goes to; raises Problem where its provider has none any more."""
    provider = prepared.targets[0].line.provider
    if not provider.has_batches or not isinstance(provider.adapter, BatchAdapter):
        raise Problem(503, "provider_unavailable", f"The provider “{provider.name}” has no batch interface.")
    return provider.adapter
