"""Runs that belong together as one entry: the turns of a conversation, the answers of a comparison or a repetition."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef
from django.urls import reverse

from foundation.words import counted
from playground.models import ExecutionQuerySet, PromptExecution
from playground.pages.presentation.execution import ExecutionView
from playground.together import Kind, noted

SHOWN: Final = 12
"""Other runs of an entry that are listed in it; the newest turns of a longer conversation."""
_ANCESTORS: Final = """
WITH RECURSIVE chain AS (
    SELECT e.id AS leaf, e.id, e.parent_id, 1 AS place FROM prompt_executions e WHERE e.id = ANY(%s)
    UNION ALL
    SELECT c.leaf, p.id, p.parent_id, c.place + 1
    FROM chain c JOIN prompt_executions p ON p.id = c.parent_id
    WHERE c.place < 500
)
SELECT leaf, id FROM chain ORDER BY leaf, place
"""
"""Each run with those that it continues, itself first."""


@dataclass(frozen=True)
class Entry:
    """One line of the history: the newest of its runs, with the others beneath it."""

    view: ExecutionView
    title: str = ""
    """What the runs are together; empty for one alone."""
    href: str = ""
    """Where they are seen together, where that is another page than the run's."""
    others: Sequence[ExecutionView] = ()
    """Turns from the first on, or answers in their order; the shown one is not among them."""
    left_out: int = 0
    """Others that are not listed."""

    @property
    def more(self) -> str:
        """What opens the others."""
        return counted(len(self.others) + self.left_out, "other run")


def newest_turns(runs: ExecutionQuerySet) -> ExecutionQuerySet:
    """Without turns that another turn continues: those are told with it."""
    return runs.exclude(Exists(PromptExecution.objects.filter(parent_id=OuterRef("pk"))))


def entries_of(runs: Sequence[PromptExecution]) -> list[Entry]:
    """The runs, newest first, as entries in the order of their newest."""
    chains = _chains([run.id for run in runs if run.parent_id])
    groups: dict[tuple[str, UUID | str], list[PromptExecution]] = defaultdict(list)
    for run in runs:
        groups[_group(run, chains)].append(run)
    turns = _turns(groups, chains)
    return [_entry(kind, found, turns.get(root, ())) for (kind, root), found in groups.items()]


def _group(run: PromptExecution, chains: Mapping[UUID, list[UUID]]) -> tuple[str, UUID | str]:
    if run.comparison_id:
        return "comparison", run.comparison_id
    for kind in Kind:
        if isinstance(whole := noted(run, kind), dict) and "id" in whole:
            return str(kind), str(whole["id"])
    return "conversation", chains.get(run.id, [run.id])[-1]


def _chains(leaves: list[UUID]) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = defaultdict(list)
    if leaves:
        with connection.cursor() as cursor:
            cursor.execute(_ANCESTORS, [leaves])
            for leaf, identifier in cursor.fetchall():
                found[leaf].append(identifier)
    return found


def _turns(
    groups: Mapping[tuple[str, UUID | str], Sequence[PromptExecution]], chains: Mapping[UUID, list[UUID]]
) -> dict[UUID | str, list[UUID]]:
    """Of each conversation by its first turn: the ids of all turns but the newest, which leads the entry."""
    return {
        root: list(dict.fromkeys(turn for run in runs for turn in chains.get(run.id, [run.id])))[1:]
        for (kind, root), runs in groups.items()
        if kind == "conversation"
    }


def _entry(kind: str, runs: Sequence[PromptExecution], turns: Sequence[UUID]) -> Entry:
    first = ExecutionView(runs[0])
    if kind == "conversation":
        return _conversation(first, turns) if turns else Entry(first)
    if kind == "comparison":
        comparison = reverse("comparison", args=[runs[0].comparison_id])
        return _together(runs, f"Comparison of {counted(len(runs), 'answer')}", href=comparison)
    if len(runs) == 1:
        return Entry(first)
    told = counted(len(runs), "time") if kind == Kind.REPETITION else f"with {counted(len(runs), 'row')} of values"
    return _together(runs, f"Run {told}")


def _conversation(first: ExecutionView, turns: Sequence[UUID]) -> Entry:
    in_session = PromptExecution.objects.filter(session_id=first.execution.session_id)
    listed = in_session.filter(id__in=turns[:SHOWN]).order_by("created_at", "id")
    others = [ExecutionView(turn) for turn in listed]
    title = f"Conversation of {counted(len(turns) + 1, 'turn')}"
    return Entry(first, title, others=others, left_out=len(turns) - len(others))


def _together(runs: Sequence[PromptExecution], title: str, *, href: str = "") -> Entry:
    others = [ExecutionView(run) for run in reversed(runs[1:])]
    return Entry(ExecutionView(runs[0]), title, href, others[:SHOWN], max(0, len(others) - SHOWN))
