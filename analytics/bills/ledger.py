"""The service's own side: what runs of a provider used and cost a model and day, in one statement."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from django.db import connection

from analytics.bills.lines import Kind
from playground.usage.recording import UNPRICED

BILLED_KINDS: Final = (Kind.INPUT, Kind.CACHE_READ, Kind.CACHE_WRITE, Kind.OUTPUT, Kind.ATTEMPT)
"""In the order of the statement's columns; `output` with reasoning that has a price of its own."""
NOBODY_BILLED: Final = ["forked_from", "imported_from"]
"""Copies of runs: they cost nothing here."""
# ruff: noqa: S608 - put together from constants
AGGREGATE: Final = f"""
SELECT e.model_id, coalesce(e.metadata->>'answered_model', ''), (e.created_at AT TIME ZONE 'UTC')::date,
    count(*), coalesce(sum(e.estimated_cost), 0),
    coalesce(sum(e.prompt_tokens), 0), coalesce(sum(e.completion_tokens), 0),
    coalesce(sum((e.billing->'details'->>'cache_read_tokens')::numeric), 0),
    coalesce(sum(coalesce(
        (e.billing->'details'->>'cache_write_tokens')::numeric,
        (e.billing->'details'->>'cache_write_1h_tokens')::numeric
    )), 0),
    coalesce(sum((e.billing->'details'->>'reasoning_tokens')::numeric), 0),
    count(*) FILTER (WHERE e.status IN ('failed', 'cancelled')),
    coalesce(
        sum(greatest(e.reserved_cost - e.estimated_cost, 0)) FILTER (WHERE e.status IN ('failed', 'cancelled')), 0
    ),
    count(*) FILTER (WHERE {UNPRICED}),
    count(*) FILTER (WHERE (e.ended_at AT TIME ZONE 'UTC')::date > (e.created_at AT TIME ZONE 'UTC')::date),
    coalesce(sum(l.input_quantity), 0), coalesce(sum(l.input_cost), 0),
    coalesce(sum(l.cache_read_quantity), 0), coalesce(sum(l.cache_read_cost), 0),
    coalesce(sum(l.cache_write_quantity), 0), coalesce(sum(l.cache_write_cost), 0),
    coalesce(sum(l.output_quantity), 0), coalesce(sum(l.output_cost), 0),
    coalesce(sum(l.attempt_quantity), 0), coalesce(sum(l.attempt_cost), 0)
FROM prompt_executions e
LEFT JOIN LATERAL (
    SELECT
        sum((x->>'quantity')::numeric) FILTER (WHERE x->>'item' IN ('input')) AS input_quantity,
        sum((x->>'cost')::numeric) FILTER (WHERE x->>'item' IN ('input')) AS input_cost,
        sum((x->>'quantity')::numeric) FILTER (WHERE x->>'item' IN ('cache_read')) AS cache_read_quantity,
        sum((x->>'cost')::numeric) FILTER (WHERE x->>'item' IN ('cache_read')) AS cache_read_cost,
        sum((x->>'quantity')::numeric) FILTER (WHERE x->>'item' IN ('cache_write')) AS cache_write_quantity,
        sum((x->>'cost')::numeric) FILTER (WHERE x->>'item' IN ('cache_write')) AS cache_write_cost,
        sum((x->>'quantity')::numeric) FILTER (WHERE x->>'item' IN ('output', 'reasoning')) AS output_quantity,
        sum((x->>'cost')::numeric) FILTER (WHERE x->>'item' IN ('output', 'reasoning')) AS output_cost,
        sum((x->>'quantity')::numeric) FILTER (WHERE x->>'item' IN ('attempt')) AS attempt_quantity,
        sum((x->>'cost')::numeric) FILTER (WHERE x->>'item' IN ('attempt')) AS attempt_cost
    FROM jsonb_array_elements(e.billing->'lines') AS x
) AS l ON true
WHERE e.created_at >= %s AND e.created_at < %s AND starts_with(e.model_id, %s)
    AND e.origin <> 'trace' AND NOT jsonb_exists_any(e.metadata, %s)
    AND e.metadata->'cached' IS DISTINCT FROM 'true'::jsonb
GROUP BY 1, 2, 3
"""


@dataclass(slots=True)
class Kept:
    """What the service counted of one model and day."""

    cost: Decimal = Decimal(0)
    """USD."""
    quantities: dict[Kind, int] = field(default_factory=dict)
    priced: dict[Kind, int] = field(default_factory=dict)
    """Tokens that have a line in a bill of ours."""
    costs: dict[Kind, Decimal] = field(default_factory=dict)
    """USD of those lines."""
    failed: int = 0
    failed_cost: Decimal = Decimal(0)
    """USD that failed and cancelled runs may have cost at most beyond what was counted."""
    unpriced: int = 0
    """Runs with tokens and no cost: a model without a known price."""
    over_midnight: int = 0

    @property
    def requests(self) -> int:
        """Runs."""
        return self.quantities.get(Kind.REQUESTS, 0)

    def add(self, other: Kept) -> None:
        """Counts those of another of our models that the provider calls the same."""
        self.cost += other.cost
        for mine, theirs in ((self.quantities, other.quantities), (self.priced, other.priced)):
            for kind, quantity in theirs.items():
                mine[kind] = mine.get(kind, 0) + quantity
        for kind, cost in other.costs.items():
            self.costs[kind] = self.costs.get(kind, Decimal(0)) + cost
        self.failed += other.failed
        self.failed_cost += other.failed_cost
        self.unpriced += other.unpriced
        self.over_midnight += other.over_midnight


@dataclass(frozen=True, slots=True)
class Group:
    """What the service counted under one name."""

    model_id: str
    answered: str
    """The name that the provider gave its answers; empty where it gave none."""
    day: date
    kept: Kept


def groups_of(*, provider: str, first: date, last: date) -> list[Group]:
    """What was run at this provider from the first day to the last, in UTC. Answers out of a cache are left out."""
    starts = datetime.combine(first, time(), UTC)
    ends = datetime.combine(last, time(), UTC) + timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute(AGGREGATE, [starts, ends, f"{provider}/", NOBODY_BILLED])
        return [_group(*row) for row in cursor.fetchall()]


def _group(model_id: str, answered: str, day: date, count: int, cost: Decimal, *figures: Decimal) -> Group:
    prompt, completion, read, written, reasoning, failed, failed_cost, unpriced, over, *sums = figures
    quantities = {
        Kind.INPUT: max(int(prompt - read - written), 0),
        Kind.CACHE_READ: int(read),
        Kind.CACHE_WRITE: int(written),
        Kind.OUTPUT: int(completion),
        Kind.REASONING: int(reasoning),
        Kind.REQUESTS: count,
        Kind.ATTEMPT: int(sums[2 * BILLED_KINDS.index(Kind.ATTEMPT)]),
    }
    kept = Kept(
        cost=cost,
        quantities=quantities,
        priced={kind: int(sums[2 * place]) for place, kind in enumerate(BILLED_KINDS)},
        costs={kind: sums[2 * place + 1] for place, kind in enumerate(BILLED_KINDS)},
        failed=int(failed),
        failed_cost=failed_cost,
        unpriced=int(unpriced),
        over_midnight=int(over),
    )
    return Group(model_id, answered, day, kept)
