"""How a destination stands: every write of it but its lease's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db import connection

from events.relay.schedule import GIVEN_UP_AFTER, PAUSES, pause_after

_SUCCEEDED: Final = """
UPDATE event_destinations
SET failures = 0, paused_until = NULL, failing_since = NULL, last_error = '', last_success_at = statement_timestamp()
WHERE name = %s
"""
_PAUSED: Final = """
UPDATE event_destinations
SET failures = failures + 1, last_error = %s,
    failing_since = coalesce(failing_since, statement_timestamp()),
    paused_until = statement_timestamp() + make_interval(secs => %s)
WHERE name = %s
"""
_GIVEN_UP: Final = """
UPDATE event_destinations
SET is_active = false, last_error = CASE WHEN %(reason)s = '' THEN last_error ELSE %(reason)s END
WHERE name = %(name)s AND is_active AND (%(reason)s <> '' OR failing_since < statement_timestamp() - %(patience)s)
"""


def succeeded(name: str) -> None:
    """It has taken something."""
    with connection.cursor() as cursor:
        cursor.execute(_SUCCEEDED, [name])


def paused(
    name: str, *, failures: int, reason: str, asked: float | None = None, pauses: Sequence[int] = PAUSES
) -> None:
    """It is left alone for a while, after `failures` in a row before this one."""
    with connection.cursor() as cursor:
        cursor.execute(_PAUSED, [reason[:200], pause_after(failures, asked, pauses), name])


def given_up(name: str, *, reason: str = "") -> bool:
    """Takes it out until its owner calls it back: for `reason`, else where it has failed for three days; whether so."""
    with connection.cursor() as cursor:
        parameters: Any = {"name": name, "reason": reason, "patience": GIVEN_UP_AFTER}
        cursor.execute(_GIVEN_UP, parameters)
        return int(cursor.rowcount) == 1
