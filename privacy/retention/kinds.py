"""Kinds of things that are kept for a number of days, told by the apps that keep them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import Q, QuerySet

Ids = Sequence[Any]


def _nothing() -> Q:
    return Q(pk__in=())


@dataclass(frozen=True, slots=True)
class Swept:
    """Files of the object storage that went, their bytes, and how many it would not let go."""

    files: int = 0
    size: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows of one table that go when they are old, with all that hangs on them."""

    name: str
    title: str
    """What the page calls it."""
    days: Callable[[], int]
    """By the settings, where no rule says otherwise; 0: for ever."""
    rows: Callable[[], QuerySet[Any]]
    """Those that may go at all."""
    moment: str
    """The column (or lookup) that tells their age."""
    organisation: str = "user__organisation"
    """The lookup that tells whose rule holds."""
    needed: Callable[[], Q] = _nothing
    """Those that something which stays needs."""
    parts: tuple[Callable[[Ids], QuerySet[Any]], ...] = field(default=())
    """What hangs on a row in such numbers that it goes first, by itself, some at a time."""
    remove: Callable[[Ids], None] | None = None
    """Removes rows, in the caller's transaction, where more goes with them than the database knows."""
    files: Callable[[datetime], Swept] | None = None
    """Removes files that nothing needs any more once all rows have gone."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What a kind that prunes itself has removed, or would."""

    rows: int
    size: int = 0


@dataclass(frozen=True, slots=True)
class PrunedKind:
    """Something that prunes itself, for all organisations at once: the audit log, whose chain must stay whole."""

    name: str
    title: str
    days: Callable[[], int]
    prune: Callable[[datetime, bool], Pruned]
    """Before when, and whether it only counts."""


KINDS: Final[dict[str, Kind | PrunedKind]] = {}


def register(kind: Kind | PrunedKind) -> None:
    """Makes the kind known; to be called when its app is ready."""
    if KINDS.setdefault(kind.name, kind) is not kind:
        raise ValueError(f"the kind {kind.name!r} is there already")


def ruled() -> list[str]:
    """Kinds of which organisations may have rules."""
    return [name for name, kind in KINDS.items() if isinstance(kind, Kind)]
