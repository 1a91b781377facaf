"""An engine's own way to the executions table: inserts and ends in groups, each durable on return."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

import psycopg
from psycopg import errors

from foundation.database.connection import Connection, NotInTime
from foundation.database.group_commit import GroupCommit
from playground.engine import lifecycle, statements
from playground.engine.lifecycle import Beginning, Claim, Ending
from playground.engine.reservation import Reserve


class LimitReached(Exception):
    """A limit, by its name, does not let the execution begin."""


class Store:
    """Four connections: one inserts, one ends, one renews the lease, one does the rest. Calls raise psycopg.Error."""

    def __init__(self) -> None:
        self._inserting, self._ending, self._lease, self._other = (Connection() for _ in range(4))
        away, frozen = (psycopg.OperationalError,), (NotInTime,)
        self._inserts: GroupCommit[Beginning, str] = GroupCommit(self._insert_batch, is_whole=away, is_lasting=frozen)
        self._ends: GroupCommit[Ending, bool] = GroupCommit(self._end_batch, is_whole=away, is_lasting=frozen)

    async def begin(self, row: Beginning) -> None:
        """Makes an execution's row; raises LimitReached."""
        if limit := await self._inserts.submit(row):
            raise LimitReached(limit)

    async def begin_all(self, rows: Sequence[Beginning], claim: Claim | None, *, is_comparison: bool) -> bool:
        """Makes all these rows or none: False when the idempotency key was taken before. Raises LimitReached."""
        uses = lifecycle.uses_json(rows)
        statement = statements.insert(
            is_claimed=claim is not None, is_whole=True, is_comparison=is_comparison, has_files=uses is not None
        )
        parameters = [lifecycle.rows_json(rows)]
        if claim is not None:
            parameters += lifecycle.claim_parameters(claim, rows[0].id)
        parameters += [uses] if uses is not None else []
        try:
            answer = await self._other.fetch(statement, parameters)
        except errors.ForeignKeyViolation as error:
            if error.diag.table_name == "idempotency_keys":
                # The key was free, and its execution was refused: the statement has left nothing.
                raise LimitReached("quota") from None
            raise
        for _, limit in answer:
            if limit:
                raise LimitReached(limit)
        return bool(answer)

    async def reserve(self, execution_id: UUID, more: Reserve) -> bool:
        """Sets more aside for a further attempt; False where a limit, or the execution's end, is in the way."""
        answer = await self._other.fetch(statements.reserve(), [execution_id, more.cost, more.tokens])
        return answer == [(execution_id, "")]

    async def start(self, execution_id: UUID) -> bool:
        """pending → running."""
        return bool(await self._other.fetch(statements.START, [execution_id]))

    async def end(self, ending: Ending) -> bool:
        """Ends an execution; False when something else had ended it first."""
        return await self._ends.submit(ending)

    async def request_cancel(self, execution_id: UUID) -> UUID | None:
        """Asks the execution's runner to stop it; the runner's id, None when it had ended."""
        rows = await self._other.fetch(statements.REQUEST_CANCEL, [execution_id])
        return rows[0][0] if rows else None

    async def cancels_for(self, runner_id: UUID) -> list[UUID]:
        """Executions of this runner that somebody asked to stop."""
        return [row[0] for row in await self._other.fetch(statements.CANCELS_FOR, [runner_id])]

    async def unfinished_of(self, runner_id: UUID) -> list[UUID]:
        """Executions that began over half a minute ago and that this runner has to end."""
        return [row[0] for row in await self._other.fetch(statements.UNFINISHED_OF, [runner_id])]

    async def disown(self, execution_ids: list[UUID]) -> None:
        """Leaves executions that no run stands behind to the reaper."""
        await self._other.fetch(statements.DISOWN, [execution_ids])

    async def renew_lease(self, runner_id: UUID, seconds: float, *, role: str) -> None:
        """Says that this runner is alive for `seconds` more of the database's time."""
        await self._lease.fetch(statements.RENEW_LEASE, [runner_id, role, seconds])

    async def end_lease(self, runner_id: UUID) -> None:
        """Says that this runner is no more."""
        await self._lease.fetch(statements.END_LEASE, [runner_id])

    async def live_runners(self) -> list[UUID]:
        """Every runner that is alive, web processes first, in the order of their ids."""
        return [row[0] for row in await self._lease.fetch(statements.LIVE_RUNNERS)]

    async def live_workers(self) -> int:
        """How many workers are alive."""
        return int((await self._other.fetch(statements.LIVE_WORKERS))[0][0])

    async def ended_of(self, execution_ids: list[UUID]) -> list[UUID]:
        """Those that have ended, or do not exist."""
        return [row[0] for row in await self._other.fetch(statements.ENDED_OF, [execution_ids])]

    async def _insert_batch(self, rows: list[Beginning]) -> list[str]:
        """The limit that refused each; empty where none did."""
        uses = lifecycle.uses_json(rows)
        parameters = [lifecycle.rows_json(rows), *([uses] if uses is not None else [])]
        answer = await self._inserting.fetch(statements.insert(has_files=uses is not None), parameters)
        refused = {execution_id: limit for execution_id, limit in answer if limit}
        return [refused.get(row.id, "") for row in rows]

    async def _end_batch(self, rows: list[Ending]) -> list[bool]:
        moved = await self._ending.fetch(statements.end(), [lifecycle.rows_json(rows)])
        ended = {row[0] for row in moved}
        return [row.id in ended for row in rows]

    async def answers(self) -> bool:
        """Whether the database does."""
        return bool(await self._other.fetch("SELECT 1"))

    async def close(self) -> None:
        """Ends the connections."""
        connections = (self._inserting, self._ending, self._lease, self._other)
        await asyncio.gather(*(connection.close() for connection in connections))
