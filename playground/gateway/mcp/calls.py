"""A call of a tool under way: what its caller hears of it, and the name by which a later message ends it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import orjson

from accounts.models import User
from foundation.database.threads import in_database_thread
from playground import executing
from playground.models import Origin, PromptExecution

BETWEEN_WORDS: Final = 0.5
"""Seconds between two words on progress."""
KEY: Final = "mcp_call"
"""Where a run's metadata has the name of the call that began it."""

Hear = Callable[[float, float | None, str], None]


class Call:
    """One call; nobody hears of one whose client gave no token for its progress."""

    def __init__(self, name: str = "", hear: Hear | None = None) -> None:
        self._name, self._hear = name, hear
        self._told, self._told_at = 0.0, 0.0

    @property
    def is_followed(self) -> bool:
        """Whether somebody hears of it."""
        return self._hear is not None

    @property
    def metadata(self) -> dict[str, Any]:
        """What each of its runs bears."""
        return {"door": "mcp", **({KEY: self._name} if self._name else {})}

    def tell(self, done: float, *, total: float | None = None, message: str = "") -> None:
        """How far it is; always more than before, as MCP wants it, and not too often."""
        now = time.monotonic()
        if self._hear is not None and done > self._told and now - self._told_at >= BETWEEN_WORDS:
            self._told, self._told_at = done, now
            self._hear(done, total, message)


def name_of(session: str, id: str | int) -> str:
    """How a call is found again by any process. Clients count their requests from one, so without a session an id names
    nothing: empty then.
    """
    return f"{session} {orjson.dumps(id).decode()}" if session else ""


async def cancel(user: User, name: str) -> int:
    """Ends the runs that the user began by the call of this name and that are still going on; how many."""
    found = await in_database_thread(_runs_of, user, name)
    return sum([await executing.cancel(user=user, execution_id=each) for each in found])


def _runs_of(user: User, name: str) -> list[UUID]:
    # The name is sealed with the rest of the metadata; of one person few are running.
    rows = PromptExecution.objects.filter(user=user, origin__in=(Origin.SERVICE, Origin.COMPARISON)).unfinished()
    return [row.id for row in rows if row.notes.get(KEY) == name]
