"""ASGI's lifespan protocol: the engine starts and drains with its server.

Daphne does not speak it; there the engine starts with its first use, and what a stop cuts off is
ended by the reaper.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from django.db import DatabaseError

from events.outbox import destinations
from foundation.database.threads import in_database_thread
from monitoring.errors import recording
from playground.engine import host
from quotas.rate_limits import limiting

logger = logging.getLogger("playground.lifespan")


class Lifespan:
    """Answers `lifespan.startup` and `lifespan.shutdown`."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        while True:
            match (await receive())["type"]:
                case "lifespan.startup":
                    await self._start()
                    await send({"type": "lifespan.startup.complete"})
                case "lifespan.shutdown":
                    await host.stop()
                    await limiting.close()
                    # Servers end by the signal that stopped them: what is called at an exit is not.
                    await asyncio.to_thread(recording.end)
                    await send({"type": "lifespan.shutdown.complete"})
                    return

    async def _start(self) -> None:
        try:
            await in_database_thread(destinations.keep)
        except DatabaseError as error:
            # The workers' clock does it again.
            logger.warning("event_destinations_not_known", extra={"reason": type(error).__name__})
        try:
            await host.engine()
        except Exception as error:
            # The first run tries again: a database that is late must not keep the pages down.
            logger.warning("engine_starts_later", extra={"reason": type(error).__name__})
