"""A row as a line of a table: what its columns are called, hold, and take from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from foundation.rest.rendering import dumps

Row = dict[str, Any]
"""What one line is made of, as the API shows it."""


class Kind(Enum):
    """What a column holds."""

    TEXT = "text"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `value` takes it from a row, None where there is nothing."""

    name: str
    kind: Kind
    value: Callable[[Row], Any]


def text(name: str, *path: str) -> Column:
    """What stands at a path (`name`, where none is given), as text."""
    keys = path or (name,)

    def value(row: Row) -> str | None:
        found = at(row, keys)
        return None if found is None else str(found)

    return Column(name, Kind.TEXT, value)


def json(name: str, *path: str) -> Column:
    """What is structured, as JSON; nothing where it is empty."""
    keys = path or (name,)
    return Column(name, Kind.TEXT, lambda row: dumps(found).decode() if (found := at(row, keys)) else None)


def figure(name: str, kind: Kind, *path: str) -> Column:
    """A number; nothing where something else stands there."""
    keys = path or (name,)

    def value(row: Row) -> Any:
        found = at(row, keys)
        is_number = isinstance(found, (int, float)) and not isinstance(found, bool)
        return found if is_number else None

    return Column(name, kind, value)


def at(row: Any, keys: tuple[str, ...]) -> Any:
    """What stands at this path; None where it ends before."""
    for key in keys:
        row = row.get(key) if isinstance(row, Mapping) else None
    return row
