"""Templates that were had before: fresh for a while, then given at once while a new one is fetched."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Final

from llm_playground_client.errors import PlaygroundError, ProblemError
from llm_playground_client.flows import Wanted
from llm_playground_client.template import Template

logger = logging.getLogger("llm_playground_client")
MOST: Final = 1_000
REST_SECONDS: Final = 5.0
"""Between two tries to fetch a new one while the service is away."""
GONE: Final = frozenset({403, 404, 409})
"""What the service says of a template that is not there any more, or not for this token."""
LOST_SECONDS: Final = 120.0
"""After which a fetch counts as lost: its thread may have died with a fork."""


@dataclass(slots=True)
class _Entry:
    template: Template
    fresh_until: float
    next_fetch: float = 0.0


class Cache:
    """What is kept in memory, for threads and tasks alike; `ttl` in seconds."""

    def __init__(self, ttl: float) -> None:
        self._ttl = ttl
        self._entries: OrderedDict[Wanted, _Entry] = OrderedDict()
        self._lock = threading.Lock()
        self._away_until = 0.0

    def get(self, wanted: Wanted) -> Template | None:
        """What is kept, told as `cache`, `stale` or `file`."""
        with self._lock:
            entry = self._entries.get(wanted)
            if entry is None:
                return None
            self._entries.move_to_end(wanted)
            if entry.template.source == "file":
                return entry.template
            is_fresh = time.monotonic() < entry.fresh_until
            return replace(entry.template, source="cache" if is_fresh else "stale")

    def keep(self, wanted: Wanted, template: Template) -> None:
        """Keeps what the service gave, or for want of it a file."""
        now = time.monotonic()
        is_file = template.source == "file"
        with self._lock:
            self._entries[wanted] = _Entry(template, *((now, now + REST_SECONDS) if is_file else (now + self._ttl, 0)))
            self._entries.move_to_end(wanted)
            if len(self._entries) > MOST:
                self._entries.popitem(last=False)

    def claims_fetch(self, wanted: Wanted) -> bool:
        """Whether the caller is to fetch a new one: it is past its time, and nobody else does."""
        now = time.monotonic()
        with self._lock:
            entry = self._entries.get(wanted)
            if entry is None or now < entry.fresh_until or now < entry.next_fetch:
                return False
            entry.next_fetch = now + LOST_SECONDS
            return True

    def failed(self, wanted: Wanted, error: PlaygroundError) -> None:
        """A fetch came to nothing: what was refused is forgotten, else the next fetch waits."""
        logger.warning("%s was not fetched anew: %s", wanted.name, error)
        with self._lock:
            if isinstance(error, ProblemError) and error.status in GONE:
                self._entries.pop(wanted, None)
            elif entry := self._entries.get(wanted):
                entry.next_fetch = time.monotonic() + REST_SECONDS

    @property
    def is_away(self) -> bool:
        """Whether the service was away a moment ago, so that nobody need wait for it again."""
        return time.monotonic() < self._away_until

    def notes(self, *, is_away: bool) -> None:
        """What the last call to the service came to."""
        self._away_until = time.monotonic() + REST_SECONDS if is_away else 0.0
