"""A part of the report: its findings, and the figures that they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: cells as a person reads them."""

    name: str
    href: str
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class Table:
    """Figures of both weeks; `group` names the file that has all of them."""

    group: str
    head: str
    columns: Sequence[str]
    lines: Sequence[Line]
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One question and what was found."""

    id: str
    title: str
    findings: Sequence[str]
    tables: Sequence[Table] = field(default=())
