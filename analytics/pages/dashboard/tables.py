"""The tables: the models, templates, sessions and people that most was spent on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse

from analytics.usage.naming import LINKS
from foundation.presentation.interval import rate_of
from foundation.presentation.words import NOTHING, cost_of
from foundation.words import counted, number, seconds

TITLES: Final = {
    "model": ("Models", "of no model"),
    "template": ("Templates", "without a template"),
    "session": ("Sessions", "in no session"),
    "user": ("People", "people who were erased"),
}


@dataclass(frozen=True)
class Line:
    """One row."""

    name: str
    href: str
    runs: str
    cost: str
    tokens: str
    latency: str
    success: str


@dataclass(frozen=True)
class Table:
    """One table, with the sum of what it leaves out."""

    group: str
    title: str
    lines: list[Line]
    rest: str
    download: str


def table_of(group: str, told: Mapping[str, Any], *, download: str) -> Table:
    """`told` is the API's answer by `group`."""
    title, nobody = TITLES[group]
    others = told["others"]
    rest = (
        f"and {counted(others['groups'], 'other')}: {_cost(others)}, {counted(others['executions'], 'run')}"
        if others
        else ""
    )
    return Table(group, title, [_line(group, row, nobody) for row in told["results"]], rest, download)


def _line(group: str, row: Mapping[str, Any], nobody: str) -> Line:
    value = row["group"][group]
    name = row["name"] or (value if group == "model" else f"{value[:8]}, not yours to see" if value else "") or nobody
    link = LINKS.get(group) if row["name"] else None
    return Line(
        name=name,
        href=reverse(link, args=[value]) if link else "",
        runs=number(row["executions"]),
        cost=_cost(row),
        tokens=number(row["tokens"]["total"]),
        latency=_median(row["latency"]),
        success=NOTHING if row["success_rate"] is None else _rate(row),
    )


def _median(latency: Mapping[str, Any]) -> str:
    return f"{seconds(latency['p50'])}, of {counted(latency['n'], 'run')}" if latency["n"] else NOTHING


def _cost(row: Mapping[str, Any]) -> str:
    return cost_of(row["cost"], unpriced=row["unpriced"])


def _rate(row: Mapping[str, Any]) -> str:
    tried = row["completed"] + row["failed"]
    return rate_of(row["completed"], tried)
