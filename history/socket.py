"""The socket of one session: who is here, runs that begin and end, comments; as `{"event", "data"}`."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any, Final
from uuid import UUID

from channels.generic.websocket import AsyncWebsocketConsumer

from accounts.models import User
from foundation.database.threads import in_database_thread
from foundation.rest.rendering import dumps
from foundation.search.ordering import by_name
from history.news import SessionNews
from playground.api.watch import RIGHTS_TAKEN_AWAY, Watch, credentials_of_socket
from playground.engine.host import engine
from sessions_app.live import HERE_FOR, Presence
from sessions_app.models import PlaygroundSession

HEARTBEAT: Final = '{"event":"heartbeat"}'
LOOK_EVERY: Final = 2.0
"""Seconds until rights are asked again, and somebody's being here is renewed when it is time."""


class SessionConsumer(AsyncWebsocketConsumer):
    """`/ws/sessions/{id}`; closes with 4401, 4403, 4404 or 4429 where a request would get 401, 403, 404 or 429."""

    _telling: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Takes the socket of somebody who may see the session."""
        await self.accept()
        session_id: UUID = self.scope["url_route"]["kwargs"]["session_id"]
        watch = Watch(credentials_of_socket(self.scope), _sessions_seen, session_id)
        if code := await watch.refusal(path=self.scope["path"]):
            await self.close(code)
            return
        self._telling = asyncio.create_task(self._tell(session_id, watch))

    async def disconnect(self, code: int) -> None:
        """The reader has gone."""
        if self._telling is not None:
            self._telling.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Nothing is expected from the reader."""

    async def _tell(self, session_id: UUID, watch: Watch) -> None:
        machine = await engine()
        assert watch.user is not None  # noqa: S101 - for the type checker
        presence = Presence(machine.redis, session_id, watch.user.id, uuid.uuid4().hex)
        async with machine.companion(SessionNews).hub.news(session_id) as queue:
            try:
                await presence.come()
                with watch.kept():
                    await self._read(queue, presence, watch)
            finally:
                await presence.leave()

    async def _read(self, queue: asyncio.Queue[dict[str, Any]], presence: Presence, watch: Watch) -> None:
        loop = asyncio.get_running_loop()
        renewed = told = loop.time()
        while not watch.is_over:
            try:
                async with asyncio.timeout(LOOK_EVERY):
                    news = await queue.get()
            except TimeoutError:
                if loop.time() > told + HERE_FOR / 2:
                    await self.send(text_data=HEARTBEAT)
                    told = loop.time()
            else:
                if news["event"] == "presence":
                    people = await in_database_thread(_people, await presence.people())
                    news = {"event": "presence", "data": {"people": people}}
                await self.send(text_data=dumps(news).decode())
                told = loop.time()
            if loop.time() > renewed + HERE_FOR / 3:
                await presence.renew()
                renewed = loop.time()
        await self.close(RIGHTS_TAKEN_AWAY)


def _sessions_seen(user: User, session_ids: set[UUID]) -> set[UUID]:
    return set(PlaygroundSession.objects.visible_to(user).filter(id__in=session_ids).values_list("id", flat=True))


def _people(ids: list[UUID]) -> list[dict[str, Any]]:
    return [{"id": user.id, "name": str(user)} for user in User.objects.filter(id__in=ids).order_by(*by_name(), "id")]
