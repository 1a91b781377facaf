"""Reads a provider's stream to the answer's end, whatever happens on the way."""

from __future__ import annotations

from typing import Protocol

from providers.base import ProviderEvent
from providers.errors import Code, ProviderFailure
from providers.http.sse import Event
from providers.http.transport import Call
from providers.wires.answer import Answer
from providers.wires.failures import malformed, too_large

AFTER_FINISH = 3.0
"""Seconds of silence after the answer's end; what is still missing then (the usage) will not come."""


class Decoder(Protocol):
    """Bytes to the wire's events."""

    def feed(self, chunk: bytes) -> list[Event]: ...

    def close(self) -> list[Event]: ...


class Reader(Protocol):
    """The wire's events to our answer; raises ProviderFailure at an error event and at what it does not know."""

    is_over: bool
    """The wire's own last word was said; nothing after it counts."""

    def accept(self, data: bytes) -> None:
        """One event of a stream."""

    def accept_whole(self, data: bytes) -> None:
        """The answer to a request that was not streamed."""


class Reading:
    """`next` until `is_over`."""

    def __init__(self, call: Call, decoder: Decoder, reader: Reader, answer: Answer) -> None:
        self._call = call
        self._decoder = decoder
        self._reader = reader
        self._answer = answer
        self._failure: ProviderFailure | None = None
        self._is_empty = True
        self._is_finishing = False
        self.is_over = False

    async def next(self) -> list[ProviderEvent]:
        """The deltas of the next chunk, joined.

        Raises what went wrong; but what was said before is given out first, and once the answer's end
        was seen nothing can go wrong any more: only its usage or the wire's last word is missing.
        """
        if self._failure is not None:
            raise self._failure
        try:
            await self._advance()
        except ProviderFailure as failure:
            self._failure = failure
        if self._answer.reason is not None and not self._is_finishing:
            self._is_finishing = True
            self._call.clock.hurry(AFTER_FINISH)
        if self._failure is not None and self._is_finishing:
            self.is_over = True
        events = self._answer.take()
        if self._answer.is_full:
            self._failure = too_large("It was stopped at the limit of characters.")
            self.is_over = False
        if self._failure is not None and not self.is_over and not events:
            raise self._failure
        return events

    async def _advance(self) -> None:
        chunk = await self._call.read()
        if not chunk:
            self._end()
        for event in self._decoder.feed(chunk) if chunk else ():
            self._reader.accept(event.data)
            if self._reader.is_over:
                self.is_over = True
                return
        self._is_empty = False

    def _end(self) -> None:
        """The body's regular end, which need not be the answer's."""
        for event in self._decoder.close():
            self._reader.accept(event.data)
            self._is_empty = False
        if self._is_empty:
            raise malformed("The answer is empty")
        if self._answer.reason is None and not self._reader.is_over:
            raise ProviderFailure(Code.STREAM_CUT, is_retryable=True)
        self.is_over = True
