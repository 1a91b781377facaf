"""What open pages of a session hear of its runs: lives in a web process, beside its engine."""

from __future__ import annotations

from playground.engine.host import Companion, Engine
from playground.models import PromptExecution
from sessions_app.live import Hub, Live


class SessionNews(Companion):
    """Tells of runs that begin and end, to pages of every process; `hub` is what the pages of this one listen to."""

    def __init__(self, engine: Engine) -> None:
        self._live = Live(engine.redis)
        self.hub = Hub(engine.redis)

    def run_changed(self, execution: PromptExecution) -> None:
        """A run has begun, or its end is stored."""
        self._live.tell(execution.session_id, "execution", id=execution.id, user_id=execution.user_id)

    async def look(self) -> None:
        """Learns which sessions are looked at."""
        await self._live.look()

    async def stop(self) -> None:
        """Listens no more."""
        await self.hub.stop()
