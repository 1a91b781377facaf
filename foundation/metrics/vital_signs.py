"""How a process itself is: its event loop's lag, and its pool of connections to the database."""

from __future__ import annotations

import time

from django.db import connections

from foundation.metrics.families import LOOP_LAG_SECONDS, POOL_CONNECTIONS, POOL_WAITING


class VitalSigns:
    """To be told twice a second, by a duty of the loop that is watched."""

    def __init__(self, *, every: float) -> None:
        self._every = every
        self._last: float | None = None

    async def look(self) -> None:
        """Observes how late it is called, and how the pool stands; waits for nothing."""
        now = time.monotonic()
        if self._last is not None:
            LOOP_LAG_SECONDS.observe(max(0.0, now - self._last - self._every))
        self._last = now
        pool = connections["default"].pool  # type: ignore[attr-defined]
        stats = pool.get_stats()
        idle = stats.get("pool_available", 0)
        POOL_CONNECTIONS.labels("idle").set(idle)
        POOL_CONNECTIONS.labels("lent").set(stats.get("pool_size", 0) - idle)
        POOL_WAITING.set(stats.get("requests_waiting", 0))
