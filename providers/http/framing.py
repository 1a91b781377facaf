"""What a body is, by its first bytes: server-sent events, JSON by the line, one JSON document, Amazon's messages.

Headers are often wrong: proxies rewrite them, servers answer a stream with JSON and errors without a status.
"""

from __future__ import annotations

import re
from typing import Final, Protocol

from providers.http.eventstream import CONTENT_TYPE, EventStreamDecoder
from providers.http.ndjson import JSONDecoder
from providers.http.sse import BOM, Event, SSEDecoder
from providers.wires.failures import malformed

EVENT_STREAM: Final = "text/event-stream"
SSE: Final = re.compile(rb"(?:data|event|id|retry|error)[ \t]*[:\r\n]|:")
ENOUGH: Final = 8
"""So many bytes tell a field's name."""
SHOWN: Final = 512


class _Inner(Protocol):
    def feed(self, chunk: bytes) -> list[Event]: ...

    def close(self) -> list[Event]: ...


class BodyDecoder:
    """Chunks in, events out, whatever frames them; how the bytes are cut makes no difference.

    `content_type` is what the header says: believed for server-sent events that begin with no field we know, and
    named in the failure (MALFORMED_RESPONSE) where the body is nothing of the kind.
    """

    def __init__(self, *, line_bytes: int, document_bytes: int, content_type: str = "") -> None:
        self._line_bytes, self._document_bytes = line_bytes, document_bytes
        self._content_type = content_type
        self._head = b""
        self._inner: _Inner | None = None
        self._failed: bytes | None = None

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that this chunk completes."""
        if self._inner is not None:
            return self._inner.feed(chunk)
        if self._failed is not None:
            return self._fail(chunk)
        self._head += chunk
        start = self._head.removeprefix(BOM).lstrip()
        if not start or BOM.startswith(self._head):
            self._head = self._head if BOM.startswith(self._head) or self._head.startswith(BOM) else b""
            self._head = self._head[: len(BOM)]  # Blanks say nothing, however many.
            return []
        return self._decide(start, is_end=False)

    def close(self) -> list[Event]:
        """At the body's end: what needs no end of its own."""
        start = self._head.removeprefix(BOM).lstrip()
        events = self._decide(start, is_end=True) if self._inner is None and start else []
        if self._failed is not None:
            self._raise()
        return events + self._inner.close() if self._inner is not None else events

    def _decide(self, start: bytes, *, is_end: bool) -> list[Event]:
        if start.startswith((b"{", b"[")):
            self._inner = JSONDecoder(line_bytes=self._line_bytes, document_bytes=self._document_bytes)
            self._head = start
        elif start.startswith(b"\0") and self._content_type == CONTENT_TYPE:
            self._inner = EventStreamDecoder(self._line_bytes)
        elif SSE.match(start) or (self._content_type == EVENT_STREAM and not start.startswith(b"<")):
            self._inner = SSEDecoder(self._line_bytes)
        elif is_end or len(start) >= ENOUGH or b"\n" in start or start.startswith(b"<"):
            self._failed = b""
            self._head, head = b"", start
            return self._fail(head)
        else:
            return []
        head, self._head = self._head, b""
        # From here on nothing stands between the bytes and their decoder.
        self.feed = self._inner.feed  # type: ignore[method-assign]
        return self._inner.feed(head)

    def _fail(self, chunk: bytes) -> list[Event]:
        """Enough of it is read to show what it is."""
        self._failed = (self._failed or b"") + chunk
        if len(self._failed) >= SHOWN:
            self._raise()
        return []

    def _raise(self) -> None:
        kind = self._content_type or "no content type"
        raise malformed(f"Instead of an answer there is {kind[:60]}", self._failed or b"")
