"""Deliveries that are due, in order, and what becomes of them. Every write of a delivery's state stands here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db import connection

from events.models import Delivery
from events.relay.schedule import GIVEN_UP_AFTER, HOURLY, SHORT

_DUE: Final = """
SELECT d.id FROM event_deliveries d
WHERE d.destination_id = %s AND d.state = 'due' AND d.due_at <= statement_timestamp()
AND NOT EXISTS (
    SELECT 1 FROM event_deliveries b
    WHERE b.destination_id = d.destination_id AND b.aggregate = d.aggregate AND b.state = 'due' AND b.id < d.id
)
ORDER BY d.id LIMIT %s
"""
_DELIVERED: Final = """
UPDATE event_deliveries
SET state = 'delivered', ended_at = statement_timestamp(), attempts = attempts + 1, last_error = ''
WHERE id = ANY(%s) AND state = 'due'
"""
_FAILED: Final = """
UPDATE event_deliveries SET attempts = least(attempts + 1, 32767), last_error = %(reason)s,
    first_failed_at = coalesce(first_failed_at, statement_timestamp()),
    due_at = statement_timestamp() + make_interval(secs => coalesce((%(waits)s::int[])[attempts + 1], %(hourly)s)),
    state = CASE WHEN first_failed_at < statement_timestamp() - %(patience)s THEN 'parked' ELSE state END,
    ended_at = CASE WHEN first_failed_at < statement_timestamp() - %(patience)s THEN statement_timestamp() END
WHERE id = ANY(%(ids)s) AND state = 'due'
"""
_PARKED: Final = """
UPDATE event_deliveries
SET state = 'parked', ended_at = statement_timestamp(), attempts = attempts + 1, last_error = %s,
    first_failed_at = coalesce(first_failed_at, statement_timestamp())
WHERE id = ANY(%s) AND state = 'due'
"""
_AT_ONCE: Final = """
UPDATE event_deliveries SET due_at = statement_timestamp()
WHERE destination_id = %s AND state = 'due' AND due_at > statement_timestamp()
"""
_AGAIN: Final = """
UPDATE event_deliveries
SET state = 'due', due_at = statement_timestamp(), ended_at = NULL, attempts = 0, first_failed_at = NULL
WHERE id = ANY(%s) AND state <> 'due'
"""


def due(destination: str, *, at_most: int) -> list[Delivery]:
    """The next ones with their events, oldest first: of each aggregate only the first that was not delivered yet."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [destination, at_most])
        ids = [id_ for (id_,) in cursor.fetchall()]
    return list(Delivery.objects.filter(id__in=ids).select_related("event").order_by("id"))


def delivered(ids: Iterable[int]) -> None:
    """The destination has them."""
    _execute(_DELIVERED, [list(ids)])


def failed(ids: Iterable[int], *, reason: str) -> None:
    """They are tried again later, and parked once they have failed for three days."""
    _execute(
        _FAILED,
        {
            "ids": list(ids),
            "reason": reason[:200],
            "waits": list(SHORT),
            "hourly": HOURLY,
            "patience": GIVEN_UP_AFTER,
        },
    )


def parked(ids: Iterable[int], *, reason: str) -> None:
    """They are not tried again by themselves, and are no longer in the way of what came after them."""
    _execute(_PARKED, [reason[:200], list(ids)])


def at_once(destination: str) -> None:
    """What waits for its next try need not, since the destination is back."""
    _execute(_AT_ONCE, [destination])


def again(ids: Iterable[int]) -> int:
    """Parked and delivered ones are told once more, under the same id; how many."""
    return _execute(_AGAIN, [list(ids)])


def is_waiting(destination: str) -> bool:
    """Whether something is due now."""
    return bool(due(destination, at_most=1))


def _execute(statement: str, parameters: object) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)  # type: ignore[arg-type]
        return int(cursor.rowcount)
