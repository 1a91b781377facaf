"""Groups and their counts into PostgreSQL: one statement on a connection of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, LiteralString

import orjson
import psycopg
from django.conf import settings
from psycopg.conninfo import make_conninfo

from foundation.database.connection import conninfo
from monitoring.errors.pending import Batch, Pending

PATIENCE: Final = 5_000
"""Milliseconds that the statement may take."""
DROPPED: Final = "dropped"
"""The fingerprint of the group that counts what was not kept."""

# Rows are written in the order of their fingerprints, so that processes never wait for one another in a circle.
WRITE: LiteralString = """
WITH given AS (
    SELECT * FROM jsonb_to_recordset(%(groups)s) AS g(
        fingerprint text, type text, place text, logger text, event text, chain jsonb, count bigint,
        first_seen timestamptz, last_seen timestamptz, version text, role text, route text, request_id text,
        execution_id uuid
    )
), written AS (
    INSERT INTO error_groups AS known (
        fingerprint, type, place, logger, event, chain, count, first_seen, last_seen, first_version, last_version,
        role, route, last_request_id, last_execution_id, regressions
    )
    SELECT fingerprint, type, place, logger, event, chain, count, first_seen, last_seen, version, version,
        role, route, request_id, execution_id, 0
    FROM given ORDER BY fingerprint
    ON CONFLICT (fingerprint) DO UPDATE SET
        count = known.count + excluded.count,
        chain = excluded.chain,
        first_seen = least(known.first_seen, excluded.first_seen),
        last_seen = greatest(known.last_seen, excluded.last_seen),
        last_version = excluded.last_version,
        role = excluded.role,
        route = coalesce(nullif(excluded.route, ''), known.route),
        last_request_id = coalesce(nullif(excluded.last_request_id, ''), known.last_request_id),
        last_execution_id = coalesce(excluded.last_execution_id, known.last_execution_id),
        regressions = known.regressions + coalesce(known.resolved_at < excluded.last_seen, false)::int,
        returned_at = CASE WHEN known.resolved_at < excluded.last_seen THEN excluded.last_seen
            ELSE known.returned_at END,
        resolved_at = CASE WHEN known.resolved_at < excluded.last_seen THEN NULL ELSE known.resolved_at END
    RETURNING id, fingerprint
)
INSERT INTO error_hours AS known (group_id, hour, count)
SELECT written.id, h.hour, h.count
FROM jsonb_to_recordset(%(hours)s) AS h(fingerprint text, hour timestamptz, count bigint)
JOIN written USING (fingerprint) ORDER BY h.fingerprint, h.hour
ON CONFLICT (group_id, hour) DO UPDATE SET count = known.count + excluded.count
"""


def write(batch: Batch, *, role: str) -> None:
    """Adds the batch to what is known; raises psycopg.Error, and then nothing of it is written."""
    groups = [_group(each, role=role) for each in batch.groups.values()]
    hours = [row for each in batch.groups.values() for row in _hours(each.first.fingerprint, each.by_hour)]
    if batch.dropped:
        groups.append(_dropped(batch, role=role))
        hours += _hours(DROPPED, batch.dropped)
    options = f"-c statement_timeout={PATIENCE}"
    with psycopg.connect(
        make_conninfo(conninfo(), application_name="playground-errors", options=options), autocommit=True
    ) as connection:
        connection.execute(WRITE, {"groups": orjson.dumps(groups).decode(), "hours": orjson.dumps(hours).decode()})


def _group(pending: Pending, *, role: str) -> dict[str, Any]:
    first = pending.first
    return {
        "fingerprint": first.fingerprint,
        "type": first.type,
        "place": first.place,
        "logger": first.logger,
        "event": first.event,
        "chain": [link.json() for link in first.chain],
        "count": pending.count,
        "first_seen": first.at,
        "last_seen": pending.last_seen,
        "version": settings.VERSION,
        "role": role,
        "route": first.route,
        "request_id": pending.latest_request,
        "execution_id": pending.latest_execution,
    }


def _dropped(batch: Batch, *, role: str) -> dict[str, Any]:
    return {
        "fingerprint": DROPPED,
        "type": "",
        "place": "",
        "logger": "",
        "event": "errors_dropped",
        "chain": [],
        "count": batch.dropped.total(),
        "first_seen": min(batch.dropped),
        "last_seen": max(batch.dropped),
        "version": settings.VERSION,
        "role": role,
        "route": "",
        "request_id": "",
        "execution_id": None,
    }


def _hours(fingerprint: str, counts: Mapping[datetime, int]) -> Iterator[dict[str, Any]]:
    for hour, count in counts.items():
        yield {"fingerprint": fingerprint, "hour": hour, "count": count}
