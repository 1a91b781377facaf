"""The outbox as a part of somebody else's statement (`foundation.effects`)."""

# ruff: noqa: S608 - put together from statements of our own

from __future__ import annotations

from typing import Final

_GETS: Final = """d.is_active AND (d.user_id IS NULL OR d.user_id = {event}.user_id)
    AND (d.types IS NULL OR {event}.type = ANY(d.types)) AND d.project_id IN ('', {event}.project_id)"""
"""Which destinations get an event; as `destinations.of` has it."""


def written(name: str, rows: str) -> str:
    """Common table expressions that write an event for each of `rows`, and its deliveries.

    `rows` selects type, aggregate, user_id, session_id, project_id and payload (jsonb, without type and timestamp),
    in the order in which they happened. While there is no active destination it is not even run.
    """
    return f"""
{name}_events AS (
    INSERT INTO events (id, type, aggregate, user_id, session_id, project_id, payload)
    SELECT gen_random_uuid(), type, aggregate, user_id, session_id, project_id, payload FROM ({rows}) AS happened
    WHERE EXISTS (SELECT 1 FROM event_destinations WHERE is_active)
    AND EXISTS (SELECT 1 FROM event_destinations d WHERE {_GETS.format(event="happened")})
    RETURNING id, aggregate, type, user_id, project_id
), {name}_deliveries AS (
    INSERT INTO event_deliveries (event_id, aggregate, destination_id)
    SELECT e.id, e.aggregate, d.name FROM {name}_events e JOIN event_destinations d ON {_GETS.format(event="e")}
)
"""
