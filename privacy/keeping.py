"""What is decided of every table: how long its rows are kept, and who removes them.

Each app tells it of its own tables when it is ready, so that no table of an upper app is named here. A test fails for
a table of which nothing was told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class OfKind:
    """Rules say for how many days (`privacy.retention.kinds`)."""

    kind: str


@dataclass(frozen=True, slots=True)
class With:
    """Rows go with those of another table that they hang on."""

    table: str


@dataclass(frozen=True, slots=True)
class ByItsClock:
    """Rows have a term of their own, which no rule changes."""

    term: str


@dataclass(frozen=True, slots=True)
class UntilRemoved:
    """Kept until somebody removes it: a thing that people keep on purpose."""

    why: str


@dataclass(frozen=True, slots=True)
class NoContent:
    """The service's own record: nothing in it that anybody wrote."""

    why: str


Decision = OfKind | With | ByItsClock | UntilRemoved | NoContent

DECISIONS: Final[dict[str, Decision]] = {}


def decide(decision: Decision, *tables: str) -> None:
    """Tells what is decided of these tables; to be called when their app is ready."""
    for table in tables:
        if DECISIONS.setdefault(table, decision) != decision:
            raise ValueError(f"{table}: it is decided already")
