"""How a destination stands: every write of it but its lease's."""

from __future__ import annotations

from typing import Final

from django.db import connection

from events.relay.schedule import pause_after

_SUCCEEDED: Final = """
UPDATE event_destinations
SET failures = 0, paused_until = NULL, last_error = '', last_success_at = statement_timestamp()
WHERE name = %s
"""
_PAUSED: Final = """
UPDATE event_destinations
SET failures = failures + 1, last_error = %s, paused_until = statement_timestamp() + make_interval(secs => %s)
WHERE name = %s
"""


def succeeded(name: str) -> None:
    """It has taken something."""
    with connection.cursor() as cursor:
        cursor.execute(_SUCCEEDED, [name])


def paused(name: str, *, failures: int, reason: str, asked: float | None = None) -> None:
    """It is left alone for a while, after `failures` in a row before this one."""
    with connection.cursor() as cursor:
        cursor.execute(_PAUSED, [reason[:200], pause_after(failures, asked), name])
