"""An asynchronous PostgreSQL connection for the few statements of the hot path; everything else is the ORM's."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.db import connection as django_connection
from psycopg.conninfo import make_conninfo

PATIENCE = 5.0
"""Seconds to connect, and that one statement may take."""


def conninfo() -> str:
    """Connection string of Django's default database."""
    settings: Mapping[str, Any] = django_connection.settings_dict
    return make_conninfo(
        dbname=settings["NAME"],
        user=settings["USER"] or None,
        password=settings["PASSWORD"] or None,
        host=settings["HOST"] or None,
        port=settings["PORT"] or None,
        connect_timeout=int(PATIENCE),
        application_name="playground-engine",
    )


class NotInTime(psycopg.OperationalError):
    """PostgreSQL did not answer in time: whoever asks next will wait as long."""


class Connection:
    """One autocommit connection that is made when needed and made anew when it was lost.

    A statement is a transaction of its own. Calls are serialised; a call that was cancelled or took too
    long leaves its connection behind, so that no answer can reach the wrong caller.
    """

    def __init__(self) -> None:
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._lock = asyncio.Lock()
        self._left_behind: set[asyncio.Task[None]] = set()

    async def fetch(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of one statement; raises psycopg.Error, OperationalError when the server is away or too slow."""
        async with self._lock:
            work = asyncio.create_task(self._execute(statement, parameters))
            try:
                await asyncio.wait((work,), timeout=PATIENCE)
            except asyncio.CancelledError:
                self._leave_behind(work)
                raise
            if not work.done():
                self._leave_behind(work)
                raise NotInTime("PostgreSQL did not answer in time")
            try:
                return work.result()
            except psycopg.OperationalError:
                self._leave_behind(work)
                raise

    async def _execute(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
        if self._connection is None or self._connection.closed:
            self._connection = await psycopg.AsyncConnection.connect(conninfo(), autocommit=True)
        # psycopg prepares a statement after its fifth use.
        cursor = await self._connection.execute(statement, parameters)
        return await cursor.fetchall() if cursor.description else []

    def _leave_behind(self, work: asyncio.Task[list[tuple[Any, ...]]]) -> None:
        """Ends a connection aside: psycopg takes seconds to cancel what a frozen server does not answer."""
        connection, self._connection = self._connection, None

        async def end() -> None:
            work.cancel()
            await asyncio.wait((work,))
            if connection is not None:
                await connection.close()

        ending = asyncio.create_task(end())
        self._left_behind.add(ending)
        ending.add_done_callback(self._left_behind.discard)

    async def close(self) -> None:
        """Ends the connection."""
        async with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                await connection.close()
