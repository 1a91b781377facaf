"""A bounded search in the texts of runs, which are sealed: they are opened one after the other, newest first."""

from __future__ import annotations

import time
from typing import Final

from foundation.rest.cursor import Cursor, Page, beyond
from foundation.search.matching import Sought
from playground.models import ExecutionQuerySet, PromptExecution

AT_ONCE: Final = 5_000
"""Rows that one request opens at most; the next page goes on behind them."""
PATIENCE: Final = 1.5
"""Seconds that one request searches at most."""
CHUNK: Final = 250


def searched(rows: ExecutionQuerySet, cursor: Cursor | None, size: int, sought: Sought) -> tuple[Page, int]:
    """What is found from the cursor on, until the page is full or the bound is reached, and how many were opened."""
    found: list[PromptExecution] = []
    opened, until, at = 0, time.monotonic() + PATIENCE, cursor
    while opened < AT_ONCE and time.monotonic() < until:
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
