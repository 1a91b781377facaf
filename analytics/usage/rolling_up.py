"""Runs of hours that are over are added to the figures by hour, and by day and place, each once, whenever it ends.

A run is in the figures or it is marked as not yet in them, in one statement: what is read is the two together, so it is
exact at every moment, and a run that ends long after its hour is added when it does.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from analytics.usage.sketches import number_in_sql
from analytics.usage.sums import NAMES, SUMS

AT_ONCE: Final = 20_000
"""Runs in one transaction."""
SETTLED: Final = timedelta(minutes=5)
"""After an hour's end, when most of its runs have ended."""
KEYS: Final = ("model_id", "origin", "status", "error_code")
"""Of the figures by hour."""
KINDS: Final = {
    "user": "user_id", "session": "session_id", "project": "project_id", "version": "template_version_id",
    "token": "token_id",
}  # fmt: skip
"""Of the figures by day; beside them stand the sums of everything, by quarter of an hour."""
QUARTER: Final = "quarter"
"""The kind of those: every time zone's hours begin with one, and its key is that moment (UTC)."""
KEY_FORMAT: Final = 'YYYY-MM-DD"T"HH24:MI"Z"'
_MOMENT: Final = f"to_char(date_bin('15 minutes', began_at, '2000-01-01Z') AT TIME ZONE 'UTC', '{KEY_FORMAT}')"
RUN: Final = (
    "prompt_tokens", "completion_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "cost",
    "input_cost", "cache_read_cost", "cache_write_cost", "output_cost", "reasoning_cost", "attempt_cost",
)  # fmt: skip
"""What a run and a cell are both told in."""
_SKETCHES: Final = ("latency_sketch", "first_token_sketch")
_OF_CELLS: Final = ("executions", "cached", *RUN, "unpriced", *_SKETCHES)
OF_DAYS: Final = (*NAMES, *_SKETCHES)
# ruff: noqa: S608 - put together from this file's own constants


def added(table: str, names: tuple[str, ...]) -> str:
    """How a sum that is there takes up another one."""
    return ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in names)


_ROLL_UP: Final = f"""
WITH due AS (
    SELECT execution_id FROM execution_usage
    WHERE NOT is_rolled_up AND NOT is_copy AND began_at < %s
    ORDER BY began_at LIMIT {AT_ONCE} FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE execution_usage u SET is_rolled_up = true FROM due WHERE u.execution_id = due.execution_id RETURNING u.*
), run AS (
    SELECT *, 1 AS executions, is_cached::int AS cached, is_unpriced::int AS unpriced,
        {number_in_sql("latency_bucket")} AS latency_sketch, {number_in_sql("first_token_bucket")} AS first_token_sketch
    FROM taken
), by_hour AS (
    INSERT INTO usage_cells (hour, {", ".join(KEYS)}, {", ".join(_OF_CELLS)})
    SELECT date_trunc('hour', began_at, 'UTC') AS hour, {", ".join(KEYS)},
        {", ".join(f"coalesce(sum({name}), 0)" for name in _OF_CELLS)}
    FROM run GROUP BY hour, {", ".join(KEYS)}
    -- In the order of the key, so that two that roll up at once cannot wait for each other.
    ORDER BY hour, {", ".join(KEYS)}
    ON CONFLICT (hour, {", ".join(KEYS)}) DO UPDATE SET {added("usage_cells", _OF_CELLS)}
), by_day AS (
    INSERT INTO usage_days (kind, day, key, {", ".join(OF_DAYS)})
    SELECT place.kind, (began_at AT TIME ZONE 'UTC')::date AS day, place.key, {SUMS},
        {", ".join(f"coalesce(sum({name}), 0)" for name in _SKETCHES)}
    FROM run CROSS JOIN LATERAL (
        VALUES {", ".join(f"('{kind}', coalesce({column}::text, ''))" for kind, column in KINDS.items())},
            ('{QUARTER}', {_MOMENT})
    ) AS place (kind, key)
    GROUP BY place.kind, day, place.key ORDER BY place.kind, day, place.key
    ON CONFLICT (kind, day, key) DO UPDATE SET {added("usage_days", OF_DAYS)}
)
SELECT count(*) FROM taken
"""


def roll_up(*, now: datetime) -> int:
    """Adds runs that began in hours that are over; how many, up to `AT_ONCE`."""
    over = (now - SETTLED).replace(minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(_ROLL_UP, [over])
        return int(cursor.fetchone()[0])
