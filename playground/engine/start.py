"""How an execution that was prepared begins: its row made, its run launched."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
from psycopg import errors as postgres

from foundation.database.threads import in_database_thread
from foundation.problems import Problem, not_found, unavailable
from playground.engine import reservation
from playground.engine.claims import begun_before
from playground.engine.host import Engine
from playground.engine.lifecycle import Beginning, Claim
from playground.engine.preparing import Prepared
from playground.engine.run import Run
from playground.engine.store import LimitReached
from playground.models import Origin
from playground.stream.log import KEPT_AFTER_A_PLAIN_RUN, KEPT_AFTER_A_STREAM
from playground.stream.publisher import Outlet
from quotas.ledger.refusal import quota_exceeded

_launching: set[asyncio.Task[Any]] = set()


async def begin(prepared: Prepared, *, claim: Claim | None = None, is_streamed: bool = True) -> UUID:
    """Makes the row and launches the run; the execution's id, which is another's when the key was taken before."""
    made = await begin_all([prepared], claim=claim, is_streamed=is_streamed)
    return made[0] if made else await _begun_before(prepared.record.id, claim)


async def begin_all(
    prepared: Sequence[Prepared], *, claim: Claim | None = None, is_streamed: bool = True, is_comparison: bool = False
) -> list[UUID]:
    """Makes all rows and launches the runs, or none: empty when the key was taken, or the id is there already."""
    runs = [_run(each, is_streamed=is_streamed) for each in prepared]
    # A caller that leaves now must not leave a row behind that nobody runs.
    launching = asyncio.create_task(_launch(prepared, runs, claim, is_comparison=is_comparison))
    _launching.add(launching)
    launching.add_done_callback(_launching.discard)
    return [run.id for run in runs] if await asyncio.shield(launching) else []


def _run(prepared: Prepared, *, is_streamed: bool) -> Run:
    machine, record = prepared.machine, prepared.record
    is_watched = not Origin(record.origin).is_batch
    kept_for = (KEPT_AFTER_A_STREAM if is_streamed else KEPT_AFTER_A_PLAIN_RUN) if is_watched else 0
    outlet = Outlet(machine.tails.open(record.id), machine.publisher, kept_for=kept_for, is_watched=is_watched)
    outlet.tail.is_local = True
    target = prepared.targets[0]
    run = Run(record, model=target.model, outlet=outlet, messages=prepared.messages, is_streamed=is_streamed)
    run.masking = prepared.masking
    run.tools = prepared.tools
    run.patience = prepared.patience
    return run


async def _launch(prepared: Sequence[Prepared], runs: list[Run], claim: Claim | None, *, is_comparison: bool) -> bool:
    machine = prepared[0].machine
    if not await _make_rows(machine, prepared, runs, claim, is_comparison=is_comparison):
        return False
    for each, run in zip(prepared, runs, strict=True):
        run.say_started()
        if not run.origin.is_batch:
            _tell(machine, run)
        machine.runner.launch(run, each.targets)
    return True


def _tell(machine: Engine, run: Run) -> None:
    """Lets the engine's companions know of the run, now and when its end is stored."""

    def tell(_: object = None) -> None:
        for companion in machine.companions:
            companion.run_changed(run.record)

    tell()
    run.stored.add_done_callback(tell)


async def _make_rows(
    machine: Engine, prepared: Sequence[Prepared], runs: list[Run], claim: Claim | None, *, is_comparison: bool
) -> bool:
    """False when the idempotency key was taken, or the id: then nothing was made."""
    made = False
    try:
        rows = [_row(each, run) for each, run in zip(prepared, runs, strict=True)]
        if claim is None and not is_comparison:
            for row in rows:
                await machine.store.begin(row)
            made = True
        else:
            made = await machine.store.begin_all(rows, claim, is_comparison=is_comparison)
    except postgres.UniqueViolation:
        if not prepared[0].is_given_id:
            raise
    except postgres.ForeignKeyViolation as error:
        raise not_found("An artifact" if error.diag.table_name == "attachment_uses" else "The session") from None
    except LimitReached as limit:
        raise await in_database_thread(_refusal, prepared, str(limit)) from None
    except psycopg.OperationalError:
        raise unavailable("The database is away.") from None
    finally:
        if not made:
            for run in runs:
                run.outlet.tail.is_local = False
                machine.tails.release(run.outlet.tail)
    return made


def _refusal(prepared: Sequence[Prepared], limit: str) -> Problem:
    if limit != "quota":
        return reservation.refused(limit)
    first = prepared[0]
    return quota_exceeded(
        user_id=first.record.user_id,
        project_id=first.project_id,
        token_id=first.token_id,
        runs=len(prepared),
        tokens=sum(each.record.reserved_tokens for each in prepared),
        cost=sum((each.record.reserved_cost for each in prepared), Decimal(0)),
        now=datetime.now(UTC),
    )


def _row(prepared: Prepared, run: Run) -> Beginning:
    return replace(run.beginning(), project_id=prepared.project_id, token_id=prepared.token_id)


async def _begun_before(execution_id: UUID, claim: Claim | None) -> UUID:
    if claim is None:
        return execution_id
    return (await begun_before(claim)).execution_id
