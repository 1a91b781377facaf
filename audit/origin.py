"""Who writes, told to the database just before a watched table is written to.

The words hold for the transaction at hand and end with it: PostgreSQL forgets them at its commit and its rollback, so
that a connection of the pool never keeps those of another request (T40). They are told anew before each statement,
since what was told within a savepoint is forgotten with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from django.db import transaction

from audit.acts import SERVICE
from foundation import context

TELL: Final = """
SELECT set_config('audit.actor', %s, true), set_config('audit.organisation', %s, true),
       set_config('audit.by', %s, true), set_config('audit.address', %s, true), set_config('audit.request_id', %s, true)
"""
WATCHED: Final = """
SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgfoid = to_regproc('audit_row_written')
"""
WRITTEN: Final = re.compile(r"\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|MERGE\s+INTO)\s+(?:ONLY\s+)?\"?(\w+)", re.I)

_watched: dict[str, frozenset[str]] = {}


def tell_on(*, connection: Any, **kwargs: Any) -> None:
    """Has a new connection of Django's tell who writes."""
    if connection.vendor == "postgresql" and _telling not in connection.execute_wrappers:
        connection.execute_wrappers.append(_telling)


def _telling(execute: Callable[..., Any], sql: Any, params: Any, many: bool, given: dict[str, Any]) -> Any:
    connection = given["connection"]
    if not isinstance(sql, str) or not _is_watched(connection, sql):
        return execute(sql, params, many, given)
    if connection.in_atomic_block:
        _tell(connection)
        return execute(sql, params, many, given)
    with transaction.atomic(using=connection.alias):
        _tell(connection)
        return execute(sql, params, many, given)


def _tell(connection: Any) -> None:
    asker = context.asker.get()
    words = (
        str(asker.id or ""),
        asker.organisation,
        asker.by or SERVICE,
        context.address.get(),
        context.request_id.get(),
    )
    with connection.wrap_database_errors:
        connection.connection.execute(TELL, words)


def _is_watched(connection: Any, sql: str) -> bool:
    if sql.startswith("SELECT"):
        return False
    names = WRITTEN.findall(sql)
    return bool(names) and not _tables(connection).isdisjoint(names)


def _tables(connection: Any) -> frozenset[str]:
    """The tables with our trigger: asked once, and again as long as there are none (before the first migration)."""
    database = connection.settings_dict["NAME"]
    found = _watched.get(database)
    if not found:
        connection.ensure_connection()
        with connection.wrap_database_errors:
            found = frozenset(name for (name,) in connection.connection.execute(WATCHED).fetchall())
        _watched[database] = found
    return found
