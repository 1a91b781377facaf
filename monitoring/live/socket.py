"""The socket of the monitoring: the newest figures as the page's own fragment, as `{"event", "data"}`."""

from __future__ import annotations

import asyncio
import logging
from typing import Final
from uuid import UUID

from channels.generic.websocket import AsyncWebsocketConsumer

from accounts.models import Role, User
from foundation.metrics.standing import EXPECTED
from foundation.rest.rendering import dumps
from monitoring.live.fragment import fragment
from monitoring.live.looking import EVERY
from playground.api.watch import NOT_FOUND, RIGHTS_TAKEN_AWAY, Watch, credentials_of_socket

logger = logging.getLogger(__name__)

LOOK_EVERY: Final = 0.5
"""Seconds until rights are asked again."""
THE_INSTALLATION: Final = UUID(int=0)
"""There is one."""


class MonitoringConsumer(AsyncWebsocketConsumer):
    """`/ws/monitoring`; closes with 4401, 4403 or 4429 where a request would get 401, 403 or 429."""

    _telling: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Takes the socket of an administrator."""
        await self.accept()
        watch = Watch(credentials_of_socket(self.scope), seen_by_administrators, THE_INSTALLATION)
        if code := await watch.refusal(path=self.scope["path"]):
            await self.close(RIGHTS_TAKEN_AWAY if code == NOT_FOUND else code)
            return
        self._telling = asyncio.create_task(self._tell(watch))

    async def disconnect(self, code: int) -> None:
        """Who looked has gone."""
        if self._telling is not None:
            self._telling.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Nothing is expected from who looks."""

    async def _tell(self, watch: Watch) -> None:
        loop = asyncio.get_running_loop()
        told = -EVERY
        with watch.kept():
            while not watch.is_over:
                if loop.time() >= told + EVERY:
                    told = loop.time()
                    await self._say()
                await asyncio.sleep(LOOK_EVERY)
        await self.close(RIGHTS_TAKEN_AWAY)

    async def _say(self) -> None:
        try:
            html = await fragment()
        except EXPECTED as error:
            # The page says by itself how old its figures are; the next look may do better.
            logger.warning("monitoring_not_told", extra={"reason": type(error).__name__})
            return
        await self.send(text_data=dumps({"event": "figures", "data": {"html": html}}).decode())


def seen_by_administrators(user: User, watched: set[UUID]) -> set[UUID]:
    """All of it for an administrator, nothing for others."""
    return watched if user.has_role(Role.ADMIN) else set()
