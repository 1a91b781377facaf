"""A conversation as the page shows it: the turns before a run, and the branches beside each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from playground.conversing import ancestor_ids, before_prompt, first_turn_ids, left_out_of
from playground.models import PromptExecution
from playground.pages.presentation.execution import ExecutionView
from providers.parts.shapes import text_of

SHOWN: Final = 30
"""Turns; earlier ones are told by their number."""


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
class WrittenMessage:
    """One side of a turn that nobody asked a model for."""

    is_answer: bool
    text: str


@dataclass(frozen=True)
class Turn:
    """One earlier turn."""

    view: ExecutionView
    branches: Branches | None
    is_left_out: bool = False
    """Whether the run was not sent it."""
    written: list[WrittenMessage] = field(default_factory=list)
    """Messages that were written by hand and went along before its prompt."""


@dataclass(frozen=True)
class Thread:
    """The turns before a run, oldest first; `hidden` more stand before them."""

    turns: list[Turn] = field(default_factory=list)
    hidden: int = 0
    branches: Branches | None = None
    """Of the run itself."""
    written: list[WrittenMessage] = field(default_factory=list)
    """Before its prompt."""
    left_out_before: list[str] = field(default_factory=list)
    """Ids of turns left out among those that are not shown."""
    first_id: UUID | None = None
    """Of the conversation's first turn; of several that were tried in its place, the oldest."""


def thread_of(execution: PromptExecution) -> Thread:
    """The conversation up to the run."""
    if execution.parent_id is None:
        siblings = _siblings([execution])
        return Thread(branches=_branches(execution, siblings), first_id=_first_of(siblings, execution.id))
    ids = ancestor_ids(execution.id)
    # One more than is shown: what a turn was sent is told from the turn before it.
    found = {row.id: row for row in PromptExecution.objects.filter(id__in=ids[: SHOWN + 1])}
    rows = [found[each] for each in reversed(ids[: SHOWN + 1]) if each in found]
    befores = dict(zip([row.id for row in [*rows, execution]], [None, *rows], strict=False))
    shown = rows[-SHOWN:]
    siblings = _siblings([*shown, execution])
    left_out = left_out_of(execution)
    turns = [
        Turn(ExecutionView(row), _branches(row, siblings), str(row.id) in left_out, _written(row, befores[row.id]))
        for row in shown
    ]
    kept = sorted(left_out - {str(row.id) for row in shown})
    hidden = max(0, len(ids) - SHOWN)
    return Thread(
        turns,
        hidden,
        _branches(execution, siblings),
        _written(execution, befores[execution.id]),
        kept,
        _first_of(siblings, ids[-1] if ids else execution.id),
    )


def _first_of(siblings: dict[UUID | None, list[UUID]], first: UUID) -> UUID:
    return next(iter(siblings.get(None, ())), first)


def _written(row: PromptExecution, before: PromptExecution | None) -> list[WrittenMessage]:
    """Only what the composer of a conversation has written: an API's messages are told of otherwise."""
    if "thread" not in (row.request or {}):
        return []
    return [
        WrittenMessage(message["role"] == "assistant", text_of(message.get("content")))
        for message in before_prompt(row, before)
    ]


def _siblings(rows: list[PromptExecution]) -> dict[UUID | None, list[UUID]]:
    """Those tried in each other's place, by the turn before them; at None those of the first turn, if it is here."""
    parents = [row.parent_id for row in rows if row.parent_id]
    found: dict[UUID | None, list[UUID]] = {}
    listed = PromptExecution.objects.filter(parent_id__in=parents).order_by("created_at", "id")
    for parent_id, identifier in listed.values_list("parent_id", "id"):
        found.setdefault(parent_id, []).append(identifier)
    if rows[0].parent_id is None:
        found[None] = first_turn_ids(rows[0].id)
    return found


def _branches(row: PromptExecution, siblings: dict[UUID | None, list[UUID]]) -> Branches | None:
    ids = siblings.get(row.parent_id, [])
    return Branches(ids.index(row.id) + 1, ids) if len(ids) > 1 and row.id in ids else None
