"""uvicorn's HTTP protocol with clocks for what a client sends: half a request cannot hold a connection for ever.

uvicorn has a clock between requests only. A head must be whole `request_head_seconds` after its connection was made
or its first byte came; of a body something must come every `request_idle_seconds`, and all of it within
`request_body_seconds`. The clocks stand still while it is us who do not read (the reading of the socket is paused),
and none runs while an answer is made and sent: streams and sockets last as long as they like.
"""

from __future__ import annotations

import asyncio
from typing import Any

from django.conf import settings
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

TOO_LATE = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class ClockedProtocol(HttpToolsProtocol):
    """One connection of HTTP/1.1."""

    _clock: asyncio.TimerHandle | None = None
    _until = 0.0
    """When the head, or the whole body, must have come; in the loop's time."""
    _is_in_head = False
    _is_in_body = False

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._clock is None and not self._is_in_body:
            self._await_head()
        super().data_received(data)
        if self._is_in_body:
            self._set_clock()

    def on_headers_complete(self) -> None:
        self._is_in_head, self._is_in_body = False, True
        self._until = self.loop.time() + settings.ENV.request_body_seconds
        self._stop_clock()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._is_in_body = False
        self._stop_clock()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        self._is_in_head = self._is_in_body = False
        self._stop_clock()
        super().handle_websocket_upgrade()

    def _await_head(self) -> None:
        self._is_in_head = True
        self._until = self.loop.time() + settings.ENV.request_head_seconds
        self._stop_clock()
        self._clock = self.loop.call_at(self._until, self._too_late)

    def _set_clock(self) -> None:
        self._stop_clock()
        at = min(self.loop.time() + settings.ENV.request_idle_seconds, self._until)
        self._clock = self.loop.call_at(at, self._too_late)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _too_late(self) -> None:
        self._clock = None
        if self.transport.is_closing():
            return
        is_answering = self.cycle is not None and not self.cycle.response_complete
        if self.flow.read_paused or (self._is_in_head and is_answering):
            # It is us who do not read, or the answer before is still on its way.
            self._until += settings.ENV.request_idle_seconds
            self._set_clock()
            return
        if not (is_answering and self.cycle.response_started):
            self.transport.write(TOO_LATE)
        self.transport.close()
