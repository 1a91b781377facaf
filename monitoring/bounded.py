"""Questions over very many rows, which must not keep the database from what it is there for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db import OperationalError, connection, transaction

from foundation.problems import Problem

PATIENCE: Final = 5_000
"""Milliseconds."""


@contextmanager
def bounded() -> Iterator[Any]:
    """A cursor whose statements end after PATIENCE; a Problem (503) then."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(PATIENCE)])
            # Compiling such a statement takes longer than it saves.
            cursor.execute("SET LOCAL jit = off")
            yield cursor
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != "57014":
            raise
        raise Problem(503, "took_too_long", "That was too much to sum up in time. Try again later.") from None
