"""What a run used is written where its end is: in the same statement, so that no sum is ever without it."""

from __future__ import annotations

from typing import Final

from foundation import effects
from playground.usage.sketch import MOST, bucket_in_sql

DEAREST: Final = 9 * 10**15
"""Hundred-millionths of a dollar: what cannot be must not keep sums from being made."""
MOST_TOKENS: Final = 10**15
COPIES: Final = "ARRAY['forked_from', 'imported_from']"
"""Of the metadata; what was copied was spent before."""


def _amount(expression: str) -> str:
    """Dollars as hundred-millionths."""
    return f"least(round(coalesce({expression}, 0) * 100000000), {DEAREST})::bigint"


def _of_lines(item: str) -> str:
    return _amount(f"sum((x ->> 'cost')::numeric) FILTER (WHERE x ->> 'item' = '{item}')") + f" AS {item}_cost"


def _count(name: str) -> str:
    """One that the provider told; what is no number tells nothing."""
    told = f"e.billing -> 'details' -> '{name}'"
    within = f"greatest(least(({told})::numeric, {MOST_TOKENS}), 0)::bigint"
    return f"CASE WHEN jsonb_typeof({told}) = 'number' THEN {within} END"


def _milliseconds(seconds: str) -> str:
    ended = f"e.status = 'completed' AND {seconds} IS NOT NULL"
    return f"CASE WHEN {ended} THEN least(round({seconds} * 1000), {MOST})::int END"


UNPRICED: Final = """(
    e.prompt_tokens + e.completion_tokens > 0 AND e.metadata -> 'cached' IS DISTINCT FROM 'true'::jsonb
    AND NOT coalesce(e.metadata -> 'price_known' = 'true'::jsonb, e.estimated_cost > 0)
)"""
"""Of an execution `e`: it used tokens, and their price was not known. What was copied or is old may not tell: then a
cost tells that there was a price."""
ITEMS: Final = ("input", "cache_read", "cache_write", "output", "reasoning", "attempt")
COLUMNS: Final = f"""
execution_id, began_at, user_id, session_id, project_id, template_version_id, token_id, model_id, origin, status,
error_code, is_copy, is_cached, is_unpriced, prompt_tokens, completion_tokens, cache_read_tokens, cache_write_tokens,
reasoning_tokens, cost, {", ".join(f"{item}_cost" for item in ITEMS)}, latency, first_token, latency_bucket,
first_token_bucket, is_rolled_up
"""
# ruff: noqa: S608 - put together from this file's own constants
RECORDED: Final = f"""
used AS (
    SELECT e.id, e.created_at, e.user_id, e.session_id, coalesce(s.project_id, '') AS project_id,
        e.template_version_id, e.token_id, e.model_id, e.origin, e.status, e.error_code,
        jsonb_exists_any(e.metadata, {COPIES}) AS is_copy,
        coalesce(e.metadata -> 'cached' = 'true'::jsonb, false) AS is_cached,
        {UNPRICED} AS is_unpriced,
        least(e.prompt_tokens, {MOST_TOKENS}) AS prompt_tokens,
        least(e.completion_tokens, {MOST_TOKENS}) AS completion_tokens,
        coalesce({_count("cache_read_tokens")}, 0) AS cache_read_tokens,
        coalesce({_count("cache_write_tokens")}, {_count("cache_write_1h_tokens")}, 0) AS cache_write_tokens,
        coalesce({_count("reasoning_tokens")}, 0) AS reasoning_tokens,
        {_amount("e.estimated_cost")} AS cost, l.*,
        {_milliseconds("e.execution_time")} AS latency, {_milliseconds("first.seconds")} AS first_token
    FROM ended e LEFT JOIN playground_sessions s ON s.id = e.session_id CROSS JOIN LATERAL (
        SELECT {", ".join(_of_lines(item) for item in ITEMS)}
        FROM jsonb_array_elements(
            CASE WHEN jsonb_typeof(e.billing -> 'lines') = 'array' THEN e.billing -> 'lines' ELSE '[]' END
        ) AS x
    ) AS l CROSS JOIN LATERAL (
        SELECT CASE WHEN jsonb_typeof(e.metadata -> 'time_to_first_token') = 'number'
            THEN greatest((e.metadata -> 'time_to_first_token')::numeric, 0) END AS seconds
    ) AS first
), recorded AS (
    INSERT INTO execution_usage ({COLUMNS})
    SELECT u.*, {bucket_in_sql("u.latency")}, {bucket_in_sql("u.first_token")}, false FROM used u
    ON CONFLICT (execution_id) DO NOTHING
)
"""


def register() -> None:
    """To be called when the app is ready."""
    effects.register("execution_ended", "usage", RECORDED)
    effects.register("execution_kept", "usage", RECORDED)
