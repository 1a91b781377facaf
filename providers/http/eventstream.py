"""Amazon's event stream, read incrementally (https://smithy.io/2.0/aws/amazon-eventstream.html).

A message: its length, that of its headers, a checksum of the two; the headers, the payload, and a checksum of all.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final

from providers.errors import ProviderFailure
from providers.http.sse import Event
from providers.wires.failures import malformed, too_large

CONTENT_TYPE: Final = "application/vnd.amazon.eventstream"
PRELUDE: Final = struct.Struct(">III")
CHECKSUM: Final = struct.Struct(">I")
STRING: Final = 7
SIZES: Final = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""Bytes of the other types of header values; 6 and 7 say their length."""


class EventStreamDecoder:
    """Chunks in, whole events out: `{"<event type>": payload}` as data; exceptions are events called `error`."""

    def __init__(self, message_bytes: int) -> None:
        self._limit = message_bytes
        self._held = bytearray()
        self._failure: ProviderFailure | None = None
        """What is raised once the events before it were given out."""

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that this chunk completes."""
        self._held += chunk
        events: list[Event] = []
        try:
            while self._failure is None and (message := self._next()) is not None:
                events += _events(*message)
        except ProviderFailure as failure:
            self._failure = failure
        if self._failure is not None and not events:
            raise self._failure
        return events

    def close(self) -> list[Event]:
        """At the stream's end; a message that it cuts off is none."""
        if self._failure is not None:
            raise self._failure
        return []

    def _next(self) -> tuple[bytes, bytes] | None:
        """(headers, payload) of the next message that is whole."""
        held = self._held
        if len(held) < PRELUDE.size:
            return None
        length, header_length, checksum = PRELUDE.unpack_from(held)
        if zlib.crc32(held[:8]) != checksum or length < PRELUDE.size + header_length + CHECKSUM.size:
            raise malformed("A message of the event stream is broken")
        if length > self._limit:
            raise too_large("One message of the stream is too long.")
        if len(held) < length:
            return None
        message = bytes(held[:length])
        del held[:length]
        if zlib.crc32(message[: -CHECKSUM.size]) != CHECKSUM.unpack(message[-CHECKSUM.size :])[0]:
            raise malformed("A message of the event stream is broken")
        behind = PRELUDE.size + header_length
        return message[PRELUDE.size : behind], message[behind : -CHECKSUM.size]


def _events(headers: bytes, payload: bytes) -> list[Event]:
    told = _texts(headers)
    if told.get(b":message-type") == b"event":
        kind = told.get(b":event-type", b"")
        return [Event(b'{"%b":%b}' % (kind, payload or b"{}"))] if kind.isalnum() else []
    kind = told.get(b":exception-type") or told.get(b":error-code") or b""
    words = payload or b'"%b"' % told.get(b":error-message", b"").replace(b'"', b"'")
    return [Event(b'{"type":"%b","error":%b}' % (kind if kind.isalnum() else b"", words), b"error")]


def _texts(headers: bytes) -> dict[bytes, bytes]:
    """The headers that are text, by name."""
    found, at = {}, 0
    try:
        while at < len(headers):
            end = at + 1 + headers[at]
            name, kind, at = headers[at + 1 : end], headers[end], end + 1
            if kind in SIZES:
                at += SIZES[kind]
                continue
            length = int.from_bytes(headers[at : at + 2])
            if kind == STRING:
                found[name] = headers[at + 2 : at + 2 + length]
            at += 2 + length
    except IndexError:
        raise malformed("A message of the event stream is broken") from None
    return found
