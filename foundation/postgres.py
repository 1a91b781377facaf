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


class Connection:
    """One autocommit connection that is made when needed and made anew when it was lost.

    A statement is a transaction of its own. Calls are serialised; a cancelled or timed-out call
    closes the connection, so that no answer can reach the wrong caller.
    """

    def __init__(self) -> None:
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._lock = asyncio.Lock()

    async def fetch(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of one statement; raises psycopg.Error, OperationalError when the server is away or too slow."""
        async with self._lock:
            try:
                async with asyncio.timeout(PATIENCE):
                    connection = await self._connected()
                    # Bound as bytes and prepared by psycopg after the fifth use.
                    cursor = await connection.execute(statement, parameters)
                    return await cursor.fetchall() if cursor.description else []
            except TimeoutError:
                await self._drop()
                raise psycopg.OperationalError("PostgreSQL did not answer in time") from None
            except (psycopg.OperationalError, asyncio.CancelledError):
                await self._drop()
                raise

    async def _connected(self) -> psycopg.AsyncConnection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = await psycopg.AsyncConnection.connect(conninfo(), autocommit=True)
        return self._connection

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def close(self) -> None:
        """Ends the connection."""
        async with self._lock:
            await self._drop()
