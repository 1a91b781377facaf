"""A conversation as the page shows it: the turns before a run, and the branches beside each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.db import connection

from playground.models import PromptExecution
from playground.pages.presentation.execution import ExecutionView

SHOWN: Final = 30
"""Turns; earlier ones are told by their number."""
_ANCESTORS = """
WITH RECURSIVE turns AS (
    SELECT id, parent_id, 0 AS depth FROM prompt_executions WHERE id = %s
    UNION ALL
    SELECT e.id, e.parent_id, t.depth + 1 FROM prompt_executions e JOIN turns t ON e.id = t.parent_id
    WHERE t.depth < 500
)
SELECT id FROM turns WHERE depth > 0 ORDER BY depth
"""


@dataclass(frozen=True)
class Branches:
    """A turn among those that were tried in its place, itself included."""

    place: int
    ids: list[UUID]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.ids)

    @property
    def previous(self) -> UUID | None:
        """The one before it."""
        return self.ids[self.place - 2] if self.place > 1 else None

    @property
    def next(self) -> UUID | None:
        """The one after it."""
        return self.ids[self.place] if self.place < self.count else None


@dataclass(frozen=True)
class Turn:
    """One earlier turn."""

    view: ExecutionView
    branches: Branches | None


@dataclass(frozen=True)
class Thread:
    """The turns before a run, oldest first; `hidden` more stand before them."""

    turns: list[Turn] = field(default_factory=list)
    hidden: int = 0
    branches: Branches | None = None
    """Of the run itself."""


def thread_of(execution: PromptExecution, *, with_itself: bool = False) -> Thread:
    """The conversation up to the run; `with_itself` as its last turn, for a page that goes on from it."""
    if execution.parent_id is None and not with_itself:
        return Thread()
    with connection.cursor() as cursor:
        cursor.execute(_ANCESTORS, [execution.id])
        ids = [row[0] for row in cursor.fetchall()]
    shown = {row.id: row for row in PromptExecution.objects.filter(id__in=ids[:SHOWN])}
    rows = [shown[each] for each in reversed(ids[:SHOWN]) if each in shown]
    siblings = _siblings([*rows, execution])
    if with_itself:
        rows.append(execution)
    turns = [Turn(ExecutionView(row), _branches(row, siblings)) for row in rows]
    return Thread(turns, max(0, len(ids) - SHOWN), _branches(execution, siblings))


def _siblings(rows: list[PromptExecution]) -> dict[UUID, list[UUID]]:
    parents = [row.parent_id for row in rows if row.parent_id]
    found: dict[UUID, list[UUID]] = {}
    listed = PromptExecution.objects.filter(parent_id__in=parents).order_by("created_at", "id")
    for parent_id, identifier in listed.values_list("parent_id", "id"):
        found.setdefault(parent_id, []).append(identifier)
    return found


def _branches(row: PromptExecution, siblings: dict[UUID, list[UUID]]) -> Branches | None:
    ids = siblings.get(row.parent_id, []) if row.parent_id else []
    return Branches(ids.index(row.id) + 1, ids) if len(ids) > 1 and row.id in ids else None
