"""The audit log's linker beside the engine of a web process: entries are linked, beat or not."""

from __future__ import annotations

import time

from audit.chain.chaining import LINK_EVERY, link_waiting
from foundation.database.threads import in_database_thread
from playground.engine.host import Companion, Engine


class Linking(Companion):
    """Links what waits, every few seconds."""

    def __init__(self, engine: Engine) -> None:
        self._looked = 0.0

    async def look(self) -> None:
        """Links, where the last time is long enough ago."""
        if time.monotonic() - self._looked >= LINK_EVERY:
            self._looked = time.monotonic()
            await in_database_thread(link_waiting)
