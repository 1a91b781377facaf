"""Whether stored values need a key that is not here: asked without Django's connection, as `pending_migrations` is."""

from __future__ import annotations

import psycopg

from foundation.database.connection import conninfo
from foundation.sealing import standing


def exist() -> bool:
    """True also when the database does not say: the command that is run then tells why."""
    try:
        with psycopg.connect(conninfo()) as connection:
            found = standing.standings(lambda statement: connection.execute(statement.encode()).fetchall())
    except psycopg.Error:
        return True
    return bool(standing.missing(found))
