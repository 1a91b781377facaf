"""Executions that were answered elsewhere, in a provider's batch: begun and ended at once, when their answer is there.

Nobody streams them and no runner stands behind them. Their row and its end are written in one transaction of the
caller's, so that a process that dies leaves either nothing or an answer that is stored: nothing for the reaper.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from foundation.problems import Problem
from playground.attachments.loading import filled
from playground.engine import lifecycle, measuring, statements
from playground.engine.attempts import request_of
from playground.engine.lifecycle import Beginning, Ending
from playground.engine.preparing import Prepared
from playground.engine.reservation import dearest
from playground.engine.run import Run
from playground.models import Origin, Status
from playground.stream.publisher import Outlet
from providers.base import ProviderEvent, ProviderRequest, Usage
from providers.catalogue.rates import BATCH
from providers.errors import Code, ProviderFailure
from quotas.ledger import refusal as quotas


@dataclass(frozen=True, slots=True)
class Wanted:
    """What limits judge an execution by that is sent in a batch; its row is made when its answer is there."""

    id: UUID
    session_id: UUID
    user_id: UUID
    model_id: str
    template_version_id: UUID | None
    origin: Origin
    created_at: datetime
    reserved_cost: Decimal
    """USD at the batch's price."""
    reserved_tokens: int
    project_id: str
    token_id: UUID | None


class Kept(NamedTuple):
    """An execution as it is to be written."""

    beginning: Beginning
    ending: Ending


async def request_in_batch(prepared: Prepared) -> ProviderRequest:
    """What a provider's batch asks for this execution, its files in it; raises ProviderFailure, Problem."""
    if prepared.masking is not None:
        # Its answer comes within a day, when nobody knows any more what stood for what.
        raise ProviderFailure(Code.PROVIDER_REFUSED, "This project masks what it sends: its calls go in no batch.")
    target = prepared.targets[0]
    request = request_of(prepared.record, prepared.sent, line=target.line, model=target.model, is_streamed=False)
    return replace(request, messages=await filled(prepared.messages))


def dearest_in_batch(prepared: Prepared) -> Decimal:
    """USD that it may cost at most there; 0 where no price is known."""
    target = prepared.targets[0]
    # As its start counted, which is of the dearest input and the longest answer.
    given = target.needed.tokens - dearest(target.model, given=0, parameters=prepared.record.parameters).tokens
    return dearest(target.model.in_batches(), given=given, parameters=prepared.record.parameters).cost


def wanted(prepared: Prepared) -> Wanted:
    """What is to be set aside for it before it is sent."""
    record = prepared.record
    return Wanted(
        id=record.id,
        session_id=record.session_id,
        user_id=record.user_id,
        model_id=record.model_id,
        template_version_id=record.template_version_id,
        origin=Origin(record.origin),
        created_at=record.created_at,
        reserved_cost=dearest_in_batch(prepared),
        reserved_tokens=record.reserved_tokens,
        project_id=prepared.project_id,
        token_id=prepared.token_id,
    )


def refusal_of(asked: Wanted) -> Problem | None:
    """Why a quota has no room for this one now; None where it has."""
    return quotas.refusal_of(
        user_id=asked.user_id,
        project_id=asked.project_id,
        token_id=asked.token_id,
        runs=1,
        tokens=asked.reserved_tokens,
        cost=asked.reserved_cost,
        now=asked.created_at,
    )


def set_aside(asked: Sequence[Wanted], *, until: datetime) -> set[UUID]:
    """Sets them aside in the caller's transaction; the ids of those that all limits let in.

    What is neither kept nor given back is taken for lost after `until`, and counted as if it had been used.
    """
    with connection.cursor() as cursor:
        cursor.execute(statements.set_aside(), [lifecycle.rows_json(asked), until])
        return {id_ for id_, limit in cursor.fetchall() if not limit}


def give_back(ids: Sequence[UUID]) -> None:
    """Gives back, in the caller's transaction, what was set aside for executions that were never asked."""
    with connection.cursor() as cursor:
        cursor.execute(statements.abandon(), [list(ids)])


def answered(
    prepared: Prepared, events: Iterable[ProviderEvent], failure: ProviderFailure | None, *, batch_id: str
) -> Kept:
    """The execution with what the batch brought, billed at the batch's price; called on the engine's loop."""
    machine, record, model = prepared.machine, prepared.record, prepared.targets[0].model.with_batches()
    tail = machine.tails.open(record.id)
    try:
        outlet = Outlet(tail, machine.publisher, kept_for=0, is_watched=False)
        run = Run(record, model=model, outlet=outlet, messages=prepared.messages, is_streamed=False)
        record.status = Status.RUNNING
        record.reserved_cost = dearest_in_batch(prepared)
        record.metadata |= {"provider": prepared.targets[0].line.provider.slug, "batch_id": batch_id}
        # The end writes into the same record.
        beginning = replace(
            run.beginning(),
            metadata=dict(record.metadata),
            project_id=prepared.project_id,
            token_id=prepared.token_id,
        )
        run.begin_attempt()
        for event in events:
            run.take(replace(event, service_tier=BATCH) if isinstance(event, Usage) else event)
        status = Status.FAILED if failure else Status.COMPLETED
        code, message = (failure.code.value, str(failure)) if failure else ("", "")
        run.end(status, code=code, message=message, model=machine.runner.priced(run).with_batches())
        # How long a provider lets a batch wait tells nothing of the model.
        record.execution_time = None
        record.metadata |= {"time_to_first_token": None, "answer_time": None}
        return Kept(beginning, run.ending(0))
    finally:
        tail.is_ended = True
        machine.tails.release(tail)


def keep(rows: Sequence[Kept]) -> None:
    """Writes them, in the caller's transaction."""
    if not rows:
        return
    beginnings = [row.beginning for row in rows]
    uses = lifecycle.uses_json(beginnings)
    with connection.cursor() as cursor:
        parameters = [lifecycle.rows_json(beginnings), *([uses] if uses is not None else [])]
        cursor.execute(statements.insert_answered(has_files=uses is not None), parameters)
        cursor.execute(statements.end(), [lifecycle.rows_json([row.ending for row in rows])])
    transaction.on_commit(lambda: _count(rows))


def _count(rows: Sequence[Kept]) -> None:
    for row in rows:
        # A provider takes no batch for a model that it does not have.
        measuring.count(row.ending, origin=row.beginning.origin, is_known=True)
