"""A session's executions, filtered and in cursor pages, and a bounded search in their texts."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from foundation.rest.cursor import Cursor, Page, beyond, page_of
from foundation.search.matching import Sought
from playground.models import ExecutionQuerySet, PromptExecution
from sessions_app.models import PlaygroundSession

PAGE: Final = 50
SEARCHED_AT_ONCE: Final = 5_000
"""Rows that one request opens at most; the next page goes on behind them."""
SEARCHED_FOR: Final = 1.5
"""Seconds that one request searches at most."""
CHUNK: Final = 250
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
    return _searched(rows, cursor, size, sought) if sought else (page_of(rows, cursor, size), 0)


def _searched(rows: Any, cursor: Cursor | None, size: int, sought: Sought) -> tuple[Page, int]:
    """Opens executions from the cursor on, newest first, until the page is full or the bound is reached."""
    found: list[Any] = []
    opened, until, at = 0, time.monotonic() + SEARCHED_FOR, cursor
    while opened < SEARCHED_AT_ONCE and time.monotonic() < until:
        chunk = list(beyond(rows, at).order_by("-created_at", "-id")[:CHUNK])
        for row in chunk:
            opened += 1
            at = Cursor(row.created_at, row.id)
            if sought.is_in(_texts(row)):
                found.append(row)
                if len(found) == size:
                    return Page(found, at, None), opened
        if len(chunk) < CHUNK:
            return Page(found, None, None), opened
    return Page(found, at, None), opened


def _texts(execution: PromptExecution) -> list[str | None]:
    asked, answer = execution.request, execution.answer or {}
    return [asked.get("prompt"), asked.get("system_prompt"), answer.get("response"), answer.get("reasoning")]
