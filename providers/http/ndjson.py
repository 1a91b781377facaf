"""JSON values, one a line (https://github.com/ndjson/ndjson-spec), read incrementally."""

from __future__ import annotations

from providers.http.sse import Event
from providers.wires.failures import too_large


class LineDecoder:
    """Chunks in, whole lines out; blank lines are left out. The same limits as SSEDecoder's."""

    def __init__(self, line_bytes: int) -> None:
        self._limit = line_bytes
        self._parts: list[bytes] = []
        self._held = 0
        self._is_too_large = False

    def feed(self, chunk: bytes) -> list[Event]:
        """The lines that this chunk completes."""
        if self._is_too_large:
            raise too_large("One line of the stream is too long.")
        end = chunk.rfind(b"\n") + 1
        lines: list[bytes] = []
        if end:
            lines = b"".join([*self._parts, chunk[:end]]).split(b"\n")
            self._parts, self._held = [], 0
        if end < len(chunk):
            self._parts.append(chunk[end:])
            self._held += len(chunk) - end
        events = self._take(lines)
        if self._held > self._limit:
            self._is_too_large = True
        if self._is_too_large and not events:
            raise too_large("One line of the stream is too long.")
        return events

    def close(self) -> list[Event]:
        """At the stream's end: the last line, which needs no line feed."""
        if self._is_too_large:
            raise too_large("One line of the stream is too long.")
        return self._take([b"".join(self._parts)])

    def _take(self, lines: list[bytes]) -> list[Event]:
        events: list[Event] = []
        for line in lines:
            if len(line) > self._limit:
                self._is_too_large = True
                break
            if line and not line.isspace():
                events.append(Event(line))
        return events
