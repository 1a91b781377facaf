"""A session and its executions for a file, oldest first and parents before children, in constant memory.

Read in slices by key (created_at, id): no cursor or transaction stays open while a slow client reads, and each
slice may be read in another thread. Texts can be long, so that a slice is opened in bites of so many bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

from django.db.models import BigIntegerField, F, Func, Q, Value
from django.db.models.functions import Coalesce

from foundation.context import looking
from history.export.feedback import of_executions
from history.export.format import Row
from history.export.selection import Selection
from history.sequence import parents_first
from playground.models import PromptExecution
from playground.representation import execution_json
from sessions_app.models import PlaygroundSession

SLICE: Final = 500
BITE: Final = 4 * 2**20
"""Sealed bytes that are opened at once; a single execution may be longer."""


def heading(session: PlaygroundSession) -> dict[str, Any]:
    """What the session is called and counts; its executions stand beside it."""
    with looking():
        told = {"description": session.description, "purpose": session.purpose, "metadata": session.metadata}
    return {
        "id": session.id,
        "name": session.name,
        "description": told["description"],
        "project_id": session.project_id,
        "purpose": told["purpose"],
        "tags": session.tags,
        "metadata": told["metadata"],
        "execution_count": session.execution_count,
        "total_cost": session.total_cost,
        "archived": session.archived_at is not None,
        "archived_at": session.archived_at,
        "created_at": session.created_at,
        "last_executed": session.last_executed,
    }


def rows(
    session: PlaygroundSession, selection: Selection, *, until: datetime, with_feedback: bool = False
) -> Iterator[Row]:
    """The chosen executions that had begun at `until`: what arrives while the file is made is not in it."""
    executions = PromptExecution.objects.filter(session=session)
    chosen = selection.of(executions).filter(created_at__lte=until)
    for keys in _bites(chosen):
        found = executions.in_bulk(keys)
        said = of_executions(keys) if with_feedback else {}
        for key in keys:
            if key not in found:
                continue  # removed in this very moment
            with looking():
                row = {**_links(found[key]), **execution_json(found[key]), **said.get(key, {})}
            yield row


def _links(execution: PromptExecution) -> Row:
    """What ties an execution to others of its session."""
    return {
        "parent_id": execution.parent_id,
        "comparison_id": execution.comparison_id,
        "comparison_position": execution.comparison_position,
    }


def _bites(chosen: Any) -> Iterator[list[UUID]]:
    bite: list[UUID] = []
    size = 0
    for key, row_size in parents_first(_keys(chosen), key=itemgetter(0), parents=_later_parents(chosen)):
        if bite and size + row_size > BITE:
            yield bite
            bite, size = [], 0
        bite.append(key)
        size += row_size
        if len(bite) >= SLICE:
            yield bite
            bite, size = [], 0
    if bite:
        yield bite


def _later_parents(chosen: Any) -> dict[UUID, UUID]:
    """The parents of those that stand before them, which only an import can have brought about."""
    is_later = Q(parent__created_at__gt=F("created_at")) | Q(parent__created_at=F("created_at"), parent_id__gt=F("id"))
    parents = dict(chosen.filter(is_later).values_list("id", "parent_id"))
    there = set(chosen.filter(id__in=set(parents.values())).values_list("id", flat=True)) if parents else set()
    return {child: parent for child, parent in parents.items() if parent in there}


def _keys(chosen: Any) -> Iterator[tuple[UUID, int]]:
    """Keys with the sizes of the sealed texts, which PostgreSQL knows without reading them."""
    sized = chosen.order_by("created_at", "id").values_list("id", _SIZE, "created_at")
    found = list(sized[:SLICE])
    while found:
        yield from ((key, size) for key, size, _ in found)
        last_key, _, last_moment = found[-1]
        # The first condition is the one that an index can begin at.
        after = Q(created_at__gte=last_moment) & (Q(created_at__gt=last_moment) | Q(id__gt=last_key))
        found = list(sized.filter(after)[:SLICE]) if len(found) == SLICE else []


def _bytes(column: str) -> Any:
    length = Func(F(column), function="octet_length", output_field=BigIntegerField())
    return Coalesce(length, Value(0), output_field=BigIntegerField())


_SIZE = _bytes("request") + _bytes("answer") + Coalesce("large_answer__size", Value(0), output_field=BigIntegerField())
"""Those of an answer in the object storage are counted too, which is read at its turn."""
