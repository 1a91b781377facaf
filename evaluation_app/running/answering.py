"""How a sample gets its answer: an execution of its own, begun once, whoever takes the sample up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from evaluation_app.models import SampleState
from evaluation_app.running.asking import Asking, execution_id_of
from evaluation_app.running.calls import Calls, Unheard, have_begun
from evaluation_app.running.judges import is_repeated, judges_of, most_of_judging
from evaluation_app.running.material import Material
from evaluation_app.running.store import Claimed, Ended, Reserved, SampleStore, Wish
from foundation.database.threads import in_database_thread
from foundation.problems import FieldError, Problem, invalid
from playground import executing
from playground.engine import elsewhere
from playground.engine.preparing import Prepared
from playground.engine.reservation import most_of_input
from playground.models import PromptExecution, Status
from providers.catalogue.info import ModelInfo
from providers.errors import Code, ProviderFailure
from providers.line.fitting import longest_answer

PASSING: Final = frozenset({429, 503})
"""Refusals that say: later."""
NOT_ASKED: Final = "stopped"
SOON: Final = 60
"""Seconds that a quota's room is waited for."""
RETRY_AFTER: Final = 1.0
"""Seconds."""
NO_BATCH: Final = "not_sent"
BROKEN: Final = "internal_error"


class Unbegun(Exception):
    """It could not begin now, or be heard of, and another time it may: in so many seconds, where it is only late."""

    def __init__(
        self, *, after: float = 0.0, too_dear: Decimal | None = None, over_quota: PromptExecution | None = None
    ) -> None:
        super().__init__()
        self.after = after
        self.over_quota = over_quota
        """What a quota has no room for, and no end of a run makes room in."""
        self.too_dear = too_dear
        """USD that it may cost, where the test's ceiling was in the way."""


class AskedInVain(Exception):
    """Its execution died with its process, and may have been billed; `ended` is its end where it is not asked again."""

    def __init__(self, ended: Ended) -> None:
        super().__init__()
        self.ended = ended


class Answering:
    """Asks for one runner."""

    def __init__(self, calls: Calls, material: Material, store: SampleStore) -> None:
        test = material.test
        self._calls = calls
        self._store = store
        self._material = material
        self._asking = Asking(material, timeout=float(test.policy["timeout"]))
        self._max_cost = test.max_cost
        self.has_answers = False
        """Whether the test got any: what never answered is not waited for."""

    async def answer(self, sample: Claimed, *, is_stopping: Callable[[], bool]) -> PromptExecution | Ended:
        """The sample's answer, or its end without one. Raises Unbegun, AskedInVain, Problem (a fault of what is asked).

        What may have begun is looked for first: it was paid, so it is waited for, also where the test stops.
        """
        if sample.execution_id is not None and await have_begun(sample.execution_id):
            return await self._end_of(sample, sample.execution_id)
        if is_stopping():
            return Ended(sample.id, SampleState.SKIPPED, datetime.now(UTC))
        try:
            ask = await self._asking.ask_of(sample, is_patient=self.has_answers)
            prepared = await executing.prepare(ask)
        except Problem as problem:
            if problem.status in PASSING and not problem.errors and problem.code == "unavailable":
                raise Unbegun(after=RETRY_AFTER) from None
            raise
        if self._material.test.is_economy:
            return await _not_sent(sample, prepared)
        await self._reserve(sample, prepared)
        try:
            execution_id = await executing.begin_prepared(prepared)
        except Problem as problem:
            if problem.status in PASSING:
                over_quota = prepared.record if is_over_quota(problem) else None
                raise Unbegun(after=RETRY_AFTER, over_quota=over_quota) from None
            raise
        return await self._end_of(sample, execution_id)

    async def _reserve(self, sample: Claimed, prepared: Prepared) -> None:
        cost = prepared.dearest_cost
        if self._max_cost is not None:
            if not prepared.is_priced:
                message = "The price of this model is unknown: its cost cannot be kept below a limit."
                raise invalid([FieldError("max_cost", "price_unknown", message)])
            prepared.within(cost)
            cost += most_of_judging_one(self._material, sample, prepared)
        became = await self._store.reserve(Wish(sample.id, prepared.record.id, cost))
        if became == Reserved.NOT_NOW:
            raise Unbegun
        if became == Reserved.TOO_DEAR:
            raise Unbegun(too_dear=cost)

    async def _end_of(self, sample: Claimed, execution_id: UUID) -> PromptExecution | Ended:
        try:
            record = await self._calls.ended(execution_id)
        except Unheard:
            raise Unbegun(after=RETRY_AFTER) from None
        self.has_answers |= record.status == Status.COMPLETED
        return record if record.status == Status.COMPLETED else _unanswered(sample, record)


def most_of_judging_one(material: Material, sample: Claimed, prepared: Prepared) -> Decimal:
    """USD that are set aside for judges together with the answer: who answers can be judged."""
    checks = material.case(sample.case_id).checks
    if not judges_of(checks):
        return Decimal(0)
    parameters = prepared.record.parameters
    machine = prepared.machine

    def info_of(model_id: str) -> ModelInfo:
        line = machine.lines.get(model_id.partition("/")[0])
        return machine.catalogue.info(model_id, line.provider) if line else ModelInfo(model_id, model_id, "")

    return most_of_judging(
        checks,
        info_of,
        given=most_of_input(prepared.messages, parameters, ()),
        answer_tokens=max(longest_answer(target.model, parameters) for target in prepared.targets),
        is_repeated=is_repeated(sample.id),
    )


def is_over_quota(problem: Problem) -> bool:
    """Whether room comes back with the next period only, and not with the end of what runs."""
    return problem.code == "quota_exceeded" and int(problem.headers.get("Retry-After", 0)) > SOON


async def _not_sent(sample: Claimed, prepared: Prepared) -> Ended:
    """What comes to a runner without an execution at economy could not be asked in a batch: nobody else asks it."""
    code, message = NO_BATCH, "It cannot be sent in a batch."
    try:
        await elsewhere.request_in_batch(prepared)
    except ProviderFailure as failure:
        code, message = failure.code.value, str(failure)
    return Ended(sample.id, SampleState.ERRORED, datetime.now(UTC), error_code=code, error_message=message)


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


async def broken(sample: Claimed) -> Ended:
    """The end of a sample that this service itself could not see to; what it cost is kept."""
    execution_id = sample.execution_id or execution_id_of(sample.id, sample.attempt)
    record = await in_database_thread(PromptExecution.objects.filter(id=execution_id).first)
    is_there = record is not None and record.status == Status.COMPLETED
    return Ended(
        sample.id,
        SampleState.SCORER_ERROR if is_there else SampleState.ERRORED,
        datetime.now(UTC),
        execution_id=record.id if record else None,
        cost=record.estimated_cost or Decimal(0) if record and not sample.is_answered else Decimal(0),
        error_code=BROKEN,
        error_message="A fault of this service, which its log tells of.",
    )
