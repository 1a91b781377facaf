"""Reads a provider's stream to the answer's end, whatever happens on the way."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Protocol

from providers.base import ProviderEvent
from providers.errors import Code, ProviderFailure
from providers.http.sse import BOM, Event
from providers.http.transport import Call
from providers.wires.answer import Answer
from providers.wires.error_words import error_in
from providers.wires.failures import malformed
from providers.wires.json_shapes import load_json

AFTER_FINISH = 3.0
"""Seconds of silence after the answer's end; what is still missing then (the usage) will not come."""

KEEP_ALIVES: Final = frozenset({b"ping", b"pong", b"keepalive", b"keep-alive", b"keep_alive", b"heartbeat"})
"""Names of events that only hold the connection."""
SPECIAL: Final = KEEP_ALIVES | {b"error"}
LONGEST_NOTHING: Final = 48
NOTHING: Final = re.compile(
    rb"""[\s"':{\[]*(?:(?:type|event)["']?\s*:\s*["']?)?"""
    rb"""(?:null|ping|pong|keep[-_ ]?alive|heart[-_ ]?beat|(?:openrouter )?processing)?[\s"'.}\]]*""",
    re.IGNORECASE,
)
"""Data that says nothing: empty, an empty object, a word that only holds the connection."""


class Decoder(Protocol):
    """Bytes to the wire's events."""

    def feed(self, chunk: bytes) -> list[Event]: ...

    def close(self) -> list[Event]: ...


class Reader(Protocol):
    """The wire's events to our answer; raises ProviderFailure at an error event and at what it does not know."""

    is_over: bool
    """The wire's own last word was said; nothing after it counts."""
    unread: bytes
    """The first event that was passed over because it is nothing of this wire's; empty where there was none."""

    def accept(self, data: bytes) -> None:
        """One event of a stream."""

    def accept_whole(self, data: bytes) -> None:
        """The answer in one piece, as it is promised to a request that was not streamed."""

    def accept_error(self, data: bytes) -> None:
        """Raises the failure that an event called `error` stands for, whatever its data."""


def accept_event(reader: Reader, event: Event) -> None:
    """Gives a stream's event to the reader, unless it says nothing."""
    if event.event in SPECIAL:
        if event.event == b"error":
            reader.accept_error(event.data)
        return
    if len(event.data) >= LONGEST_NOTHING or not NOTHING.fullmatch(event.data):
        reader.accept(event.data)


def accept_ended(reader: Reader, event: Event, answer: Answer) -> None:
    """Gives an event to the reader where the answer may have ended: what goes wrong behind its end is only noted.

    Raises ProviderFailure where the event that ends it says that it went wrong, too.
    """
    if answer.reason is None:
        accept_event(reader, event)
        return
    try:
        accept_event(reader, event)
    except ProviderFailure as failure:
        if failure.code is not Code.MALFORMED_RESPONSE:
            answer.fail(failure)


def accept_rest(reader: Reader, events: Iterable[Event], answer: Answer) -> None:
    """Of what comes behind the wire's last word, only that something went wrong counts."""
    for event in events:
        if event.event != b"error" and not _is_error(event.data):
            continue
        try:
            reader.accept_error(event.data)
        except ProviderFailure as failure:
            answer.fail(failure)


def _is_error(data: bytes) -> bool:
    try:
        value = load_json(data)
    except ValueError:
        return False
    return isinstance(value, dict) and not value.get("choices") and error_in(value) is not None


def read_whole(body: bytes, decoder: Decoder, reader: Reader, answer: Answer) -> None:
    """Reads an answer that should be one JSON document, and need not be.

    Raises ProviderFailure; what was said before is for the answer's next taking.
    """
    events = decoder.feed(body) + decoder.close()
    if not events:
        raise malformed("The answer is empty")
    if len(events) == 1 and body.removeprefix(BOM).lstrip().startswith((b"{", b"[")):
        reader.accept_whole(events[0].data)
        return
    for position, event in enumerate(events):
        accept_ended(reader, event, answer)
        if reader.is_over:
            accept_rest(reader, events[position + 1 :], answer)
            return
    _require_end(reader, answer)


def _require_end(reader: Reader, answer: Answer) -> None:
    """Raises where the bytes ended and the answer did not."""
    if answer.reason is not None or reader.is_over:
        return
    if reader.unread and not answer.has_begun:
        raise malformed("This is no part of an answer", reader.unread)
    raise ProviderFailure(Code.STREAM_CUT, is_retryable=True)


class Reading:
    """`next` until `is_over`; then `failure` tells whether it went wrong."""

    def __init__(self, call: Call, decoder: Decoder, reader: Reader, answer: Answer) -> None:
        self._call = call
        self._decoder = decoder
        self._reader = reader
        self._answer = answer
        self._is_empty = True
        self._is_finishing = self._has_ended = False
        self.is_over = False
        self.failure: ProviderFailure | None = None
        """What went wrong, once it is over."""

    async def next(self) -> list[ProviderEvent]:
        """The deltas of the next chunk, joined.

        Once the answer's end was seen nothing can go wrong any more: only its usage or the wire's last word is missing.
        """
        try:
            chunk = await self._call.read()
            self._has_ended = not chunk
            events = self._decoder.feed(chunk) if chunk else self._decoder.close()
        except ProviderFailure as failure:
            self._stop(None if self._answer.reason is not None else failure)
        else:
            try:
                self._accept(events, is_end=not chunk)
            except ProviderFailure as failure:
                self._stop(failure)
        if self._answer.is_full:
            self.is_over = True
        if self._answer.reason is not None and not self._is_finishing:
            self._is_finishing = True
            self._call.clock.hurry(AFTER_FINISH)
        return self._answer.take()

    def rest(self, data: bytes) -> None:
        """What came behind the wire's last word."""
        if self._has_ended:
            return
        try:
            accept_rest(self._reader, self._decoder.feed(data) + self._decoder.close(), self._answer)
        except ProviderFailure:
            return  # Garbage that cannot even be framed.

    def _accept(self, events: list[Event], *, is_end: bool) -> None:
        """The events of a chunk; the body's regular end need not be the answer's."""
        for position, event in enumerate(events):
            accept_ended(self._reader, event, self._answer)
            if self._reader.is_over:
                accept_rest(self._reader, events[position + 1 :], self._answer)
                self.is_over = True
                return
        self._is_empty = self._is_empty and is_end and not events
        if is_end:
            if self._is_empty:
                raise malformed("The answer is empty")
            _require_end(self._reader, self._answer)
            self.is_over = True

    def _stop(self, failure: ProviderFailure | None) -> None:
        self.is_over, self.failure = True, failure
        self._answer.let_go()
