"""A session's executions, filtered and in cursor pages, and a bounded search in their texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from foundation.rest.cursor import Cursor, Page, page_of
from foundation.search.matching import Sought
from playground.models import ExecutionQuerySet, PromptExecution
from playground.models.searching import searched
from sessions_app.models import PlaygroundSession

PAGE: Final = 50
_COLUMNS: Final = {
    "status": "status",
    "origin": "origin",
    "model_id": "model_id",
    "template_id": "template_version__template_id",
    "from": "created_at__gte",
    "to": "created_at__lt",
    "min_cost": "estimated_cost__gte",
    "max_cost": "estimated_cost__lte",
}


def executions_of(session: PlaygroundSession, wanted: Mapping[str, Any]) -> ExecutionQuerySet:
    """The session's executions that `wanted` (query of GET …/history) asks for, text aside."""
    rows = PromptExecution.objects.filter(session=session)
    for name, column in _COLUMNS.items():
        if wanted.get(name) is not None:
            rows = rows.filter(**{column: wanted[name]})
    if tag := wanted.get("tag"):
        rows = rows.filter(metadata__has_key="tags", metadata__tags__contains=[tag])
    return rows


def history_page(session: PlaygroundSession, wanted: Mapping[str, Any]) -> tuple[Page, int]:
    """One page, and how many executions were opened to search in them."""
    rows = executions_of(session, wanted)
    cursor = Cursor.read(wanted["cursor"]) if wanted.get("cursor") else None
    size = wanted.get("page_size") or PAGE
    sought = Sought(wanted.get("search") or "")
    return searched(rows, cursor, size, sought) if sought else (page_of(rows, cursor, size), 0)
