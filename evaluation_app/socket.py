"""The socket of one test: how far it is and what it shows so far, as `{"event", "data"}`, twice a second at most."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final
from uuid import UUID

from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils import timezone

from accounts.models import User
from evaluation_app.figures.live import live_of
from evaluation_app.models import EvaluationTest, TestStatus
from foundation.cache.remembered import Remembered
from foundation.database.threads import in_database_thread
from foundation.rest.rendering import dumps
from playground.api.watch import RIGHTS_TAKEN_AWAY, Watch, credentials_of_socket

HEARTBEAT: Final = '{"event":"heartbeat"}'
LOOK_EVERY: Final = 0.5
"""Seconds."""
HEARTBEAT_EVERY: Final = 15.0

_looks: Remembered[UUID, dict[str, Any] | None] = Remembered()
"""One look a test, however many pages are open."""


class TestConsumer(AsyncWebsocketConsumer):
    """`/ws/evaluation/{id}`; closes with 4401, 4403, 4404 or 4429 where a request would get 401, 403, 404 or 429, and
    with 1000 once the test has ended and said so."""

    _telling: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Takes the socket of somebody who may see the test."""
        await self.accept()
        test_id: UUID = self.scope["url_route"]["kwargs"]["test_id"]
        watch = Watch(credentials_of_socket(self.scope), tests_seen, test_id)
        if code := await watch.refusal(path=self.scope["path"]):
            await self.close(code)
            return
        self._telling = asyncio.create_task(self._tell(test_id, watch))

    async def disconnect(self, code: int) -> None:
        """The reader has gone; the test goes on."""
        if self._telling is not None:
            self._telling.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Nothing is expected from the reader."""

    async def _tell(self, test_id: UUID, watch: Watch) -> None:
        loop = asyncio.get_running_loop()
        last, told = b"", loop.time()
        with watch.kept():
            while not watch.is_over:
                seen = await _looks.get(test_id, lambda: _look(test_id))
                message = dumps({"event": "progress", "data": seen})
                if message != last:
                    await self.send(text_data=message.decode())
                    last, told = message, loop.time()
                elif loop.time() > told + HEARTBEAT_EVERY:
                    await self.send(text_data=HEARTBEAT)
                    told = loop.time()
                if seen is None or TestStatus(seen["status"]).is_final:
                    await self.close(1000)
                    return
                await asyncio.sleep(LOOK_EVERY)
        await self.close(RIGHTS_TAKEN_AWAY)


async def _look(test_id: UUID) -> tuple[dict[str, Any] | None, float]:
    """A look at a test of ten thousand cases takes its time: of all time, a tenth is looked."""
    began = time.monotonic()
    seen = await in_database_thread(live_of, test_id, now=timezone.now())
    return seen, max(LOOK_EVERY * 0.8, 9 * (time.monotonic() - began))


def tests_seen(user: User, test_ids: set[UUID]) -> set[UUID]:
    """Which of these tests `user` may read."""
    return set(EvaluationTest.objects.visible_to(user).filter(id__in=test_ids).values_list("id", flat=True))
