"""Who tells a destination now: a lease in its row, by the database's clock, so that a relay that died is followed."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db import connection

LEASE: Final = 15.0
"""Seconds; longer than the patience of one call, before which it is renewed."""
_CLAIM: Final = """
UPDATE event_destinations SET holder = %(holder)s, held_until = statement_timestamp() + make_interval(secs => %(lease)s)
WHERE name = %(name)s AND is_active AND (paused_until IS NULL OR paused_until <= statement_timestamp())
  AND (held_until IS NULL OR held_until <= statement_timestamp())
RETURNING failures
"""
_RENEW: Final = """
UPDATE event_destinations SET held_until = statement_timestamp() + make_interval(secs => %(lease)s)
WHERE name = %(name)s AND holder = %(holder)s AND is_active AND held_until > statement_timestamp()
"""
_RELEASE: Final = "UPDATE event_destinations SET holder = NULL, held_until = NULL WHERE name = %s AND holder = %s"


def claim(name: str, holder: UUID) -> int | None:
    """How often the destination has failed in a row; None where it rests, or somebody else is telling it."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"name": name, "holder": holder, "lease": LEASE})
        row = cursor.fetchone()
        return None if row is None else int(row[0])


def renew(name: str, holder: UUID) -> bool:
    """Whether it is still ours."""
    with connection.cursor() as cursor:
        cursor.execute(_RENEW, {"name": name, "holder": holder, "lease": LEASE})
        return int(cursor.rowcount) == 1


def release(name: str, holder: UUID) -> None:
    """Lets the next one come."""
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, [name, holder])
