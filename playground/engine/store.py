"""The web process's own way to the executions table: inserts and ends in groups, each durable on return."""

from __future__ import annotations

import asyncio
from uuid import UUID

import psycopg

from foundation.database.connection import Connection, NotInTime
from foundation.database.group_commit import GroupCommit
from playground.engine import lifecycle, statements
from playground.engine.lifecycle import Beginning, Claim, Ending


class Store:
    """Three connections: one inserts, one ends, one does the rest. Calls raise psycopg.Error."""

    def __init__(self) -> None:
        self._inserting, self._ending, self._other = Connection(), Connection(), Connection()
        away, frozen = (psycopg.OperationalError,), (NotInTime,)
        self._inserts: GroupCommit[Beginning, bool] = GroupCommit(self._insert_batch, is_whole=away, is_lasting=frozen)
        self._ends: GroupCommit[Ending, bool] = GroupCommit(self._end_batch, is_whole=away, is_lasting=frozen)

    async def begin(self, row: Beginning, claim: Claim | None) -> bool:
        """Makes the execution's row; False when its idempotency key was taken before."""
        if claim is None:
            return await self._inserts.submit(row)
        made = await self._other.fetch(statements.INSERT_ONCE, lifecycle.insert_once_parameters(claim, row))
        return bool(made)

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

    async def renew_lease(self, runner_id: UUID, seconds: float) -> None:
        """Says that this runner is alive for `seconds` more of the database's time."""
        await self._other.fetch(statements.RENEW_LEASE, [runner_id, seconds])

    async def _insert_batch(self, rows: list[Beginning]) -> list[bool]:
        await self._inserting.fetch(statements.INSERT, [lifecycle.rows_json(rows)])
        return [True] * len(rows)

    async def _end_batch(self, rows: list[Ending]) -> list[bool]:
        moved = await self._ending.fetch(statements.end(), [lifecycle.rows_json(rows)])
        ended = {row[0] for row in moved}
        return [row.id in ended for row in rows]

    async def answers(self) -> bool:
        """Whether the database does."""
        return bool(await self._other.fetch("SELECT 1"))

    async def close(self) -> None:
        """Ends the connections."""
        await asyncio.gather(self._inserting.close(), self._ending.close(), self._other.close())
