"""The socket of one execution: the same events as server-sent events, as `{"id", "event", "data"}`."""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import parse_qs
from uuid import UUID

from channels.generic.websocket import AsyncWebsocketConsumer

from foundation.context import is_looking
from playground.api.executions import after_of
from playground.api.streams import readers
from playground.api.watch import RIGHTS_TAKEN_AWAY, Watch, credentials_of_socket, executions_seen

HEARTBEAT: Final = '{"event":"heartbeat"}'


class ExecutionConsumer(AsyncWebsocketConsumer):
    """`/ws/executions/{id}?after=N`; closes with 44xx where a request would get 401, 403, 404 or 429."""

    _telling: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Takes the socket of somebody who may see the execution."""
        await self.accept()
        is_looking.set(True)
        execution_id: UUID = self.scope["url_route"]["kwargs"]["execution_id"]
        watch = Watch(credentials_of_socket(self.scope), executions_seen, execution_id)
        if code := await watch.refusal(path=self.scope["path"]):
            await self.close(code)
            return
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        after = after_of(query.get("after", [None])[0], None)
        self._telling = asyncio.create_task(self._tell(execution_id, after, watch))

    async def disconnect(self, code: int) -> None:
        """The reader has gone; the run goes on."""
        if self._telling is not None:
            self._telling.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Nothing is expected from the reader."""

    async def _tell(self, execution_id: UUID, after: int, watch: Watch) -> None:
        with watch.kept():
            async for batch in (await readers()).read(execution_id, after=after):
                if watch.is_over:
                    await self.close(RIGHTS_TAKEN_AWAY)
                    return
                for event in batch or ():
                    await self.send(text_data=event.as_message)
                if batch == []:
                    await self.send(text_data=HEARTBEAT)
        await self.close(1000)
