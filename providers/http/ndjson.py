"""JSON values, one a line (https://github.com/ndjson/ndjson-spec), read incrementally."""

from __future__ import annotations

from providers.http.sse import Event
from providers.wires.failures import too_large
from providers.wires.json_shapes import load_json


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


class JSONDecoder:
    """JSON values, one a line, or one document over many lines; which of them the first line tells.

    A document's limit is `document_bytes`, also where it is all in one line.
    """

    def __init__(self, *, line_bytes: int, document_bytes: int) -> None:
        self._line_bytes, self._limit = line_bytes, document_bytes
        self._parts: list[bytes] = []
        self._held = 0
        self._lines: LineDecoder | None = None
        self._is_document = False

    def feed(self, chunk: bytes) -> list[Event]:
        """The lines that this chunk completes; a document comes at its end only."""
        if self._lines is not None:
            return self._lines.feed(chunk)
        self._parts.append(chunk)
        self._held += len(chunk)
        if not self._is_document and b"\n" in chunk:
            head = b"".join(self._parts)
            first, _, _ = head.lstrip().partition(b"\n")
            if _is_json(first):
                self._parts = []
                self._lines = LineDecoder(self._line_bytes)
                return self._lines.feed(head)
            self._is_document = bool(first)
        if self._held > self._limit:
            raise too_large("Its bytes are more than a run may bring.")
        return []

    def close(self) -> list[Event]:
        """At the stream's end: the last line, or the document."""
        if self._lines is not None:
            return self._lines.close()
        document = b"".join(self._parts)
        return [Event(document)] if document.strip() else []


def _is_json(line: bytes) -> bool:
    try:
        load_json(line)
    except ValueError:
        return False
    return True
