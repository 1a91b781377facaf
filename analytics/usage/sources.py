"""Where usage is read from, as SQL: what figures hold, by whole hours or days, and the rest from single runs.

Parameters are named; all text here is the package's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from analytics.usage.asking import TIMES, Asked, Level
from analytics.usage.rolling_up import KEY_FORMAT, KEYS, KINDS, QUARTER, RUN
from analytics.usage.sums import NAMES, SUMS, SUMS_OF_SUMS
from analytics.usage.units import begins_of, midnights_of, moved_of

COLUMNS: Final = {
    "model": "model_id", "provider": "split_part(model_id, '/', 1)", "origin": "origin", "status": "status",
    "error": "error_code", "user": "user_id", "team": "member.team_id", "project": "project_id",
    "session": "session_id", "template": "version.template_id", "version": "template_version_id", "token": "token_id",
}  # fmt: skip
TEXTS: Final = ("model", "provider", "origin", "status", "error", "project")
"""The others are ids."""
_KIND_OF: Final = {"team": "user", "template": "version"}
_JOINS: Final = {
    "team": " JOIN teams_members member ON member.user_id = run.user_id",
    "template": " LEFT JOIN template_versions version ON version.id = run.template_version_id",
}
_OF_TEMPLATES: Final = (
    "template_version_id IN (SELECT id FROM template_versions WHERE template_id = ANY(%(template)s::uuid[]))"
)
_UNITS: Final = {
    Level.QUARTERS: timedelta(minutes=15),
    Level.HOURS: timedelta(hours=1),
    Level.DAYS: timedelta(days=1),
    Level.RUNS: timedelta(days=1),
}
_FIRST: Final = datetime(2000, 1, 1, tzinfo=UTC)
# ruff: noqa: S608 - put together from this file's own constants; values are always parameters


def parameters(asked: Asked) -> dict[str, Any]:
    """All that the statements of this question name."""
    (begin, end), begins = whole_units(asked), begins_of(asked)
    moved = moved_of(begins, begin, end) if asked.level is Level.DAYS else []
    return {
        "since": asked.since,
        "before": asked.before,
        "begin": begin,
        "end": end,
        "begins": begins,
        "midnights": midnights_of(begins),
        "moved_from": [first for first, _ in moved],
        "moved_to": [last for _, last in moved],
        "people": None if asked.people is None else list(asked.people),
        **{name: list(values) for name, values in asked.filters.items()},
    }


def whole_units(asked: Asked) -> tuple[datetime, datetime]:
    """From when to when figures hold the span, in whole units of UTC; the same moment where none is whole."""
    unit = _UNITS[asked.level]
    begin = _down(asked.since, unit)
    if begin < asked.since:
        begin += unit
    return begin, max(begin, _down(asked.before, unit))


def _down(moment: datetime, unit: timedelta) -> datetime:
    return moment - (moment - _FIRST) % unit


def key(group: str) -> str:
    """What runs are grouped by: of a time, which of its units it is, from 1; else a column."""
    return "width_bucket(run.at, %(begins)s::timestamptz[])" if group in TIMES else COLUMNS[group]


def joined(groups: Sequence[str]) -> str:
    """What the groups need beside the run itself."""
    return "".join(_JOINS.get(group, "") for group in groups)


def sums(asked: Asked) -> str:
    """One row a group: key0, key1 where it is grouped, and the sums by `NAMES`."""
    keys = [f"key{number}" for number in range(len(asked.groups))]
    told = "".join(f"{key(group)} AS {name}, " for group, name in zip(asked.groups, keys, strict=True))
    grouped = f" GROUP BY {', '.join(keys)}" if keys else ""
    single = f"SELECT {told}{SUMS} FROM ({rows(asked)}) AS run{joined(asked.groups)}{grouped}"
    summed = _summed(asked, ", ".join(NAMES))
    if not summed:
        return single
    parts = f"{single} UNION ALL SELECT {told}{', '.join(NAMES)} FROM ({summed}) AS run{joined(asked.groups)}"
    # A unit of which all runs were moved away has none.
    having = " HAVING sum(executions) > 0" if keys else ""
    return f"SELECT {''.join(f'{name}, ' for name in keys)}{SUMS_OF_SUMS} FROM ({parts}) AS part{grouped}{having}"


def rows(asked: Asked) -> str:
    """A row a single run, or a cell of an hour, with the columns that sums are made of, and `at`."""
    cells = [_cells(asked, f"executions, cached, {', '.join(RUN)}, unpriced")] if asked.level is Level.HOURS else []
    return " UNION ALL ".join([*cells, *_single(asked, _counted), *_moved(asked, _counted)])


def _counted(sign: str = "") -> str:
    """What sums are made of, of a single run; `sign` is put before each."""
    names = ("1 AS executions", "is_cached::int AS cached", *(f"{name} AS {name}" for name in RUN))
    return ", ".join(f"{sign}{name}" for name in (*names, "is_unpriced::int AS unpriced"))


def only_failed(asked: Asked) -> Asked | None:
    """The same question of failed runs; None where it is not about them."""
    asked_for = asked.filters.get("status")
    if asked_for and "failed" not in asked_for:
        return None
    return replace(asked, filters={**asked.filters, "status": ["failed"]})


def failures(asked: Asked) -> str:
    """A row a failed run, or a cell of them, with `executions`, of a question by `only_failed`."""
    if asked.level is Level.HOURS:
        return " UNION ALL ".join([_cells(asked, "executions"), *_single(asked, lambda: "1 AS executions")])
    told = "SELECT began_at AS at, *, 1 AS executions FROM execution_usage WHERE NOT is_copy AND status = 'failed'"
    return f"{told} AND began_at >= %(since)s AND began_at < %(before)s{_conditions(asked)}"


def buckets(asked: Asked) -> str:
    """A row for each single run that the figures do not hold, with the buckets of its times, and `executions`: -1 takes
    it out.
    """
    return " UNION ALL ".join([*_single(asked, _bucketed), *_moved(asked, _bucketed)])


def _bucketed(sign: str = "") -> str:
    return f"{sign}1 AS executions, latency_bucket, first_token_bucket"


def sketches(asked: Asked) -> str:
    """A row for each of the figures, with its sketches; empty where there are none for this question."""
    names = "latency_sketch, first_token_sketch"
    if asked.level is Level.HOURS:
        cells = f"{_cells(asked, names)} AND status = 'completed'"
        if asked.unit is None:
            return cells
        added = "sum(latency_sketch) AS latency_sketch, sum(first_token_sketch) AS first_token_sketch"
        return f"SELECT at, {added} FROM ({cells}) AS cell GROUP BY at"
    return _summed(asked, names)


def _cells(asked: Asked, columns: str) -> str:
    told = f"SELECT hour AS at, {', '.join(KEYS)}, {columns} FROM usage_cells"
    return f"{told} WHERE hour >= %(begin)s AND hour < %(end)s{_conditions(asked)}"


def _summed(asked: Asked, columns: str) -> str:
    """The sums by quarter, or by day of one kind under the column's name that single runs have; empty where the
    question is answered by others.
    """
    if asked.level is Level.QUARTERS:
        return (
            f"SELECT key::timestamptz AS at, {columns} FROM usage_days WHERE kind = '{QUARTER}' "
            "AND day >= (%(begin)s AT TIME ZONE 'UTC')::date AND day <= (%(end)s AT TIME ZONE 'UTC')::date "
            f"AND key >= {_as_key('begin')} AND key < {_as_key('end')}"
        )
    if asked.level is not Level.DAYS:
        return ""
    kind = _kind(asked)
    value = "key" if kind == "project" else "nullif(key, '')::uuid"
    within = "" if asked.people is None else " AND key = ANY(%(people)s::uuid[]::text[])"
    for name in asked.filters:
        within += f" AND key = ANY(%({name})s{'' if name in TEXTS else '::uuid[]'}::text[])"
    at = _counted_at(asked, "day::timestamp AT TIME ZONE 'UTC'")
    return (
        f"SELECT {at} AS at, {value} AS {KINDS[kind]}, {columns} "
        f"FROM usage_days WHERE kind = '{kind}' "
        f"AND day >= (%(begin)s AT TIME ZONE 'UTC')::date AND day < (%(end)s AT TIME ZONE 'UTC')::date{within}"
    )


def _kind(asked: Asked) -> str:
    """Whose sums by day answer it."""
    if asked.filters:
        return next(iter(asked.filters))
    group = "user" if asked.unit or not asked.groups else asked.groups[0]
    return _KIND_OF.get(group, group)


def _counted_at(asked: Asked, midnight: str) -> str:
    """A moment of the unit in which the sums of the day (UTC) that begins then count."""
    if asked.unit is None:
        return midnight
    return f"(%(begins)s::timestamptz[])[width_bucket({midnight}, %(midnights)s::timestamptz[])]"


def _as_key(name: str) -> str:
    return f"to_char(%({name})s AT TIME ZONE 'UTC', '{KEY_FORMAT}')"


def _single(asked: Asked, columns: Callable[[], str]) -> Iterator[str]:
    """Single runs of the span: all, or those that the figures of its whole hours or days do not hold."""
    keys = KEYS if asked.level is Level.HOURS else (*KEYS, *KINDS.values())
    told = f"SELECT began_at AS at, {', '.join(keys)}, {columns()} FROM execution_usage WHERE NOT is_copy"
    if asked.level is Level.RUNS:
        yield f"{told} AND began_at >= %(since)s AND began_at < %(before)s{_conditions(asked)}"
        return
    yield f"{told} AND NOT is_rolled_up AND began_at >= %(since)s AND began_at < %(before)s{_conditions(asked)}"
    begin, end = whole_units(asked)
    edge = f"{told} AND is_rolled_up"
    if asked.since < begin:
        yield f"{edge} AND began_at >= %(since)s AND began_at < least(%(begin)s, %(before)s){_conditions(asked)}"
    if end < asked.before:
        yield f"{edge} AND began_at >= greatest(%(end)s, %(since)s) AND began_at < %(before)s{_conditions(asked)}"


def _moved(asked: Asked, columns: Callable[[str], str]) -> Iterator[str]:
    """Single runs that the sums by day (UTC) hold in another unit than clocks say: taken out there, counted here."""
    if asked.level is not Level.DAYS or not moved_of(begins_of(asked), *whole_units(asked)):
        return
    day = "date_trunc('day', began_at, 'UTC')"
    yield (
        f"SELECT moved.at, {', '.join((*KEYS, *KINDS.values()))}, {columns('moved.sign * ')} "
        "FROM unnest(%(moved_from)s::timestamptz[], %(moved_to)s::timestamptz[]) AS span (first, last) "
        "JOIN execution_usage ON began_at >= span.first AND began_at < span.last "
        f"CROSS JOIN LATERAL (VALUES (began_at, 1), ({_counted_at(asked, day)}, -1)) AS moved (at, sign) "
        f"WHERE NOT is_copy AND is_rolled_up{_conditions(asked)}"
    )


def _conditions(asked: Asked) -> str:
    told = [] if asked.people is None else ["user_id = ANY(%(people)s::uuid[])"]
    for name in asked.filters:
        kind = "text" if name in TEXTS else "uuid"
        told.append(_OF_TEMPLATES if name == "template" else f"{COLUMNS[name]} = ANY(%({name})s::{kind}[])")
    return "".join(f" AND {each}" for each in told)
