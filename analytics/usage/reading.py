"""Usage as figures: read from those that are kept by hour or day where they know what is asked for, and from single
runs. Either way each run counts once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from django.db import connection, transaction

from analytics.usage import sources
from analytics.usage.asking import MOST_GROUPS, TIMES, Asked, Odd
from analytics.usage.figures import Figures
from analytics.usage.sketches import counts_of
from analytics.usage.sources import TEXTS, key
from analytics.usage.sums import LINES, NAMES
from analytics.usage.units import units_of
from foundation.words import number

MOST_CELLS: Final = 10_000
"""Groups of two kinds together."""
PATIENCE: Final = 20_000
"""Milliseconds of one statement."""
Key = tuple[Any, ...]


# ruff: noqa: S608 - put together from constants of this package; values are always parameters
@dataclass(slots=True)
class Usage:
    """The answer: `rows` by their keys, times ascending, else the dearest first.

    A time is a datetime without zone, as clocks of the time zone show it. Times, errors and percentiles are told of
    groups of one kind, and of the total.
    """

    total: Figures
    rows: dict[Key, Figures] = field(default_factory=dict)
    others: Figures | None = None
    """The groups beyond the limit together, without percentiles."""
    others_count: int = 0


def usage_of(asked: Asked) -> Usage:
    """The figures. Raises Odd where groups of two kinds are too many."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {PATIENCE}")
        # Many sketches do not fit into what is usual.
        cursor.execute("SET LOCAL work_mem = '64MB'")
        # What PostgreSQL would spend on compiling a statement is more than what it would save.
        cursor.execute("SET LOCAL jit = off")
        found = _usage_of(cursor, asked)
    return replace(found, rows=dict(_with_times(asked, found.rows)))


def _with_times(asked: Asked, rows: dict[Key, Figures]) -> Iterator[tuple[Key, Figures]]:
    """The rows by times, where they are by which unit of the span."""
    units = units_of(asked)
    times = [group in TIMES for group in asked.groups]
    for row_key, figures in rows.items():
        yield tuple(units[each - 1] if is_time else each for each, is_time in zip(row_key, times, strict=True)), figures


def _usage_of(cursor: Any, asked: Asked) -> Usage:
    found = Usage(Figures())
    _sum(cursor, asked, found)
    if len(asked.groups) == 1:
        _detail(cursor, asked, found.rows)
    if "team" in asked.groups:
        # Runs of a person count in each of their teams, and once in all.
        found.total = _usage_of(cursor, replace(asked, groups=())).total
    elif len(asked.groups) > 1 or found.others:
        _detail(cursor, replace(asked, groups=()), {(): found.total})
    elif asked.groups:
        for figures in found.rows.values():
            _add_detail(found.total, figures)
    return found


def _add_detail(total: Figures, figures: Figures) -> None:
    total.errors.update(figures.errors)
    total.latency.update(figures.latency)
    total.first_token.update(figures.first_token)


def _sum(cursor: Any, asked: Asked, found: Usage) -> None:
    count = len(asked.groups)
    if not count:
        cursor.execute(sources.sums(asked), sources.parameters(asked))
        found.total = _figures(cursor.fetchone())
        if found.total.executions:
            _detail(cursor, asked, {(): found.total})
    elif count == 1 and asked.unit is None:
        _sum_the_dearest(cursor, asked, found)
    else:
        order = ", ".join(str(number + 1) for number in range(count))
        cursor.execute(f"{sources.sums(asked)} ORDER BY {order} LIMIT {MOST_CELLS + 1}", sources.parameters(asked))
        rows = cursor.fetchall()
        if len(rows) > MOST_CELLS:
            raise Odd(
                "group_by", "too_many", f"These are more than {number(MOST_CELLS)} groups: narrow what is asked for."
            )
        found.rows = {tuple(row[:count]): _figures(row[count:]) for row in rows}
        found.total = _together(row[count:] for row in rows)


def _sum_the_dearest(cursor: Any, asked: Asked, found: Usage) -> None:
    limit = min(asked.limit, MOST_GROUPS)
    cursor.execute(
        f"""
        WITH grouped AS ({sources.sums(asked)}), ordered AS (
            SELECT *, row_number() OVER (ORDER BY spent DESC, executions DESC, key0) AS place FROM grouped
        )
        SELECT least(place, {limit + 1}) AS place, CASE WHEN place <= {limit} THEN key0 END AS key0, count(*),
            {", ".join(f"sum({name})" for name in NAMES)}
        FROM ordered GROUP BY 1, 2 ORDER BY 1
        """,
        sources.parameters(asked),
    )
    rows = cursor.fetchall()
    for place, value, count, *sums in rows:
        if place <= limit:
            found.rows[(value,)] = _figures(sums)
        else:
            found.others, found.others_count = _figures(sums), count
    found.total = _together(row[3:] for row in rows)


def _figures(row: Any) -> Figures:
    told: dict[str, Any] = dict(zip(NAMES, map(int, row), strict=True))
    lines = {line: told.pop(line) for line in LINES}
    return Figures(**told, lines=lines)


def _together(rows: Iterable[Any]) -> Figures:
    columns = [*zip(*rows, strict=True)]
    return _figures([sum(column) for column in columns]) if columns else Figures()


def _detail(cursor: Any, asked: Asked, rows: dict[Key, Figures]) -> None:
    """Adds errors by code and the buckets of times to these rows; of no others is anything read."""
    if not rows:
        return
    named, only, values = _only(asked, rows)
    given = {**sources.parameters(asked), **values}
    joins = sources.joined(asked.groups)
    if failed := sources.only_failed(asked):
        cursor.execute(
            f"SELECT {named}, error_code, sum(executions) FROM ({sources.failures(failed)}) AS run{joins} "
            f"WHERE true{only} GROUP BY 1, 2",
            {**sources.parameters(failed), **values},
        )
        for value, code, count in cursor.fetchall():
            _row(asked, rows, value).errors[code] += int(count)
    cursor.execute(
        f"""
        SELECT key, is_first_token, array_agg(bucket), array_agg(count) FROM (
            SELECT {named} AS key, grouping(latency_bucket) = 1 AS is_first_token, sum(executions)::int AS count,
                CASE WHEN grouping(latency_bucket) = 1 THEN first_token_bucket ELSE latency_bucket END::int AS bucket
            FROM ({sources.buckets(asked)}) AS run{joins}
            WHERE coalesce(latency_bucket, first_token_bucket) IS NOT NULL{only}
            GROUP BY GROUPING SETS ((1, latency_bucket), (1, first_token_bucket))
        ) AS counted WHERE bucket IS NOT NULL GROUP BY key, is_first_token
        """,
        given,
    )
    for value, is_first_token, bucket, count in cursor.fetchall():
        row = _row(asked, rows, value)
        (row.first_token if is_first_token else row.latency).update(dict(zip(bucket, count, strict=True)))
    if figures := sources.sketches(asked):
        cursor.execute(
            f"SELECT {named}, sum(latency_sketch)::text, sum(first_token_sketch)::text FROM ({figures}) AS run{joins} "
            f"WHERE true{only} GROUP BY 1",
            given,
        )
        for value, latency, first_token in cursor.fetchall():
            row = _row(asked, rows, value)
            row.latency.update(counts_of(latency))
            row.first_token.update(counts_of(first_token))


def _row(asked: Asked, rows: dict[Key, Figures], value: Any) -> Figures:
    """A row that is not there has no runs: whatever is counted in was taken out."""
    return rows.get((value,) if asked.groups else (), Figures())


def _only(asked: Asked, rows: dict[Key, Figures]) -> tuple[str, str, dict[str, Any]]:
    """The key, and the condition that it is one of the rows'."""
    if not asked.groups:
        return "NULL", "", {}
    group, told = asked.groups[0], key(asked.groups[0])
    if asked.unit:
        return told, "", {}
    values = [row[0] for row in rows]
    kind = "text" if group in TEXTS else "uuid"
    nothing = f" OR {told} IS NULL" if None in values else ""
    only = f" AND ({told} = ANY(%(values)s::{kind}[]){nothing})"
    return told, only, {"values": [value for value in values if value is not None]}
