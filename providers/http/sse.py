"""Server-sent events, read incrementally (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

from __future__ import annotations

from typing import NamedTuple

from providers.wires.failures import too_large

BOM = b"\xef\xbb\xbf"


class Event(NamedTuple):
    """One dispatched event; bytes, because a JSON parser wants them so."""

    data: bytes
    event: bytes = b"message"
    id: bytes = b""


class SSEDecoder:
    """Chunks in, whole events out; how the bytes are cut into chunks makes no difference.

    A line, or an event's data, over `line_bytes` is ProviderFailure(OUTPUT_TOO_LARGE), raised once the
    events before it were given out. An event that the stream's end cuts off is dropped, as the standard says.

    Beyond the standard: an `error:` line (llama.cpp's) and a bare JSON object with an `error`, which some proxies put
    between the events, are an event `error` each.
    """

    def __init__(self, line_bytes: int) -> None:
        self._limit = line_bytes
        self._parts: list[bytes] = []  # of the line that has not ended; a list, so that a drip costs no copying
        self._held = 0
        self._is_first_line = True
        self._is_after_cr = False
        self._is_too_large = False
        self._data: list[bytes] = []
        self._data_bytes = 0
        self._event = b""
        self._id = b""

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that this chunk completes."""
        if (
            chunk.endswith(b"\n\n")
            and not self._parts
            and not self._data
            and not self._event
            and not self._is_first_line
            and not self._is_after_cr
            and b"\r" not in chunk
            and len(chunk) <= self._limit
        ):
            return self._feed_blocks(chunk)
        return self._feed_lines(chunk)

    def close(self) -> list[Event]:
        """At the stream's end: nothing more, unless a limit was passed."""
        if self._is_too_large:
            raise too_large("One line of the stream is too long.")
        events: list[Event] = []
        if (rest := b"".join(self._parts)) and _is_error(rest):
            self._line(rest, events)
        return events

    def _feed_blocks(self, chunk: bytes) -> list[Event]:
        """The common case: whole events, mostly of one data line each."""
        if self._is_too_large:
            self.close()
        events: list[Event] = []
        for block in chunk[:-2].split(b"\n\n"):
            if block.startswith(b"data: ") and b"\n" not in block:
                events.append(Event(block[6:], b"message", self._id))
            else:
                for line in block.split(b"\n"):
                    self._line(line, events)
                self._line(b"", events)
        return events

    def _feed_lines(self, chunk: bytes) -> list[Event]:
        if self._is_too_large:
            self.close()
        if self._is_after_cr and chunk:
            # The LF of a CRLF whose CR ended the last chunk.
            self._is_after_cr = False
            chunk = chunk.removeprefix(b"\n")
        end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r")) + 1
        events: list[Event] = []
        if end:
            self._parts.append(chunk[:end])
            lines = b"".join(self._parts)
            self._parts, self._held = [], 0
            self._is_after_cr = chunk.endswith(b"\r")
            if b"\r" in lines:
                lines = lines.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            for line in lines[:-1].split(b"\n"):
                self._line(line, events)
        if end < len(chunk):
            self._parts.append(chunk[end:])
            self._held += len(chunk) - end
            self._is_too_large = self._is_too_large or self._held > self._limit
        if self._is_too_large and not events:
            self.close()
        return events

    def _line(self, line: bytes, events: list[Event]) -> None:
        if self._is_first_line:
            self._is_first_line = False
            line = line.removeprefix(BOM)
        if self._is_too_large or len(line) > self._limit:
            self._is_too_large = True
        elif not line:
            self._dispatch(events)
        elif line.startswith(b"data:"):
            self._add(line[6:] if line.startswith(b"data: ") else line[5:])
        elif line.startswith((b"event", b"id", b"data")):
            self._field(line)
        elif _is_error(line):
            value = line.removeprefix(b"error").removeprefix(b":").strip()
            events.append(Event(value, b"error", self._id))

    def _field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"event":
            self._event = value
        elif name == b"data":
            self._add(value)
        elif name == b"id" and b"\0" not in value:
            self._id = value

    def _add(self, value: bytes) -> None:
        self._data.append(value)
        self._data_bytes += len(value) + 1
        self._is_too_large = self._data_bytes > self._limit + 1

    def _dispatch(self, events: list[Event]) -> None:
        if self._data:
            data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
            events.append(Event(data, self._event or b"message", self._id))
            self._data, self._data_bytes = [], 0
        self._event = b""


def _is_error(line: bytes) -> bool:
    return line.startswith(b"error:") or (line.startswith(b"{") and b'"error"' in line)
