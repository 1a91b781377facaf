"""The socket of one execution: the same events as server-sent events, as `{"id", "event", "data"}`."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import Any, Final
from urllib.parse import parse_qs
from uuid import UUID

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.http.cookie import parse_cookie

from accounts.authentication import TRUSTED_FOR, authenticate
from accounts.models import User
from foundation.database_threads import in_database_thread
from foundation.problems import Problem
from playground.engine.process import engine
from playground.execute_api import after_of
from playground.models import PromptExecution

NOT_SIGNED_IN: Final = 4401
RIGHTS_TAKEN_AWAY: Final = 4403
NOT_FOUND: Final = 4404
HEARTBEAT: Final = '{"event":"heartbeat"}'


class ExecutionConsumer(AsyncWebsocketConsumer):
    """`/ws/executions/{id}?after=N`. Rights are asked again every few seconds."""

    _telling: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Takes the socket of somebody who may see the execution; else closes it with 4401 or 4404."""
        await self.accept()
        execution_id: UUID = self.scope["url_route"]["kwargs"]["execution_id"]
        code = await self._refusal(execution_id)
        if code:
            await self.close(code)
            return
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        self._telling = asyncio.create_task(self._tell(execution_id, after_of(query.get("after", [None])[0], None)))

    async def disconnect(self, code: int) -> None:
        """The reader has gone; the run goes on."""
        if self._telling is not None:
            self._telling.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Nothing is expected from the reader."""

    async def _tell(self, execution_id: UUID, after: int) -> None:
        machine = await engine()
        loop = asyncio.get_running_loop()
        asked_at = loop.time()
        async for batch in machine.readers.read(execution_id, after=after):
            if loop.time() > asked_at + TRUSTED_FOR:
                asked_at = loop.time()
                if await self._refusal(execution_id):
                    await self.close(RIGHTS_TAKEN_AWAY)
                    return
            for event in batch:
                await self.send(text_data=event.as_message)
            if not batch:
                await self.send(text_data=HEARTBEAT)
        await self.close(1000)

    async def _refusal(self, execution_id: UUID) -> int:
        """The code to close with; 0 for somebody who may see the execution."""
        user = await _user_of(self.scope)
        if user is None:
            return NOT_SIGNED_IN
        return 0 if await in_database_thread(_may_see, user, execution_id) else NOT_FOUND


async def _user_of(scope: Any) -> User | None:
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    key = parse_cookie(headers.get(b"cookie", "")).get(settings.SESSION_COOKIE_NAME)
    store = import_module(settings.SESSION_ENGINE).SessionStore(key)
    try:
        return await authenticate(authorization=headers.get(b"authorization", ""), session=store)
    except Problem:
        return None


def _may_see(user: User, execution_id: UUID) -> bool:
    return PromptExecution.objects.visible_to(user).filter(id=execution_id).exists()
