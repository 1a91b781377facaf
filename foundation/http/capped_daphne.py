"""Daphne that keeps of a body what is taken and no more: `python -m foundation.http.capped_daphne` with its options.

Twisted spools a whole request to the disk before anybody is asked, however large it is. Here one byte more than
`most_bytes` is kept, by which `body_limit` knows that it was too much; what comes after it is thrown away, and whoever
goes on for long is cut off. The refusal goes out once the sender is done, so nothing can take it away.
"""

from __future__ import annotations

from urllib.parse import unquote

from daphne import http_protocol
from daphne.cli import CommandLineInterface

TOO_LARGE = b"HTTP/1.1 413 Content Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class CappedRequest(http_protocol.WebRequest):  # type: ignore[misc]
    """One request of HTTP/1.1."""

    _came = 0
    _kept = 0
    _most = 0
    """Bytes that have come, that are kept, and after which it is cut off."""

    def gotLength(self, length: int | None) -> None:
        # Daphne chooses its reactor before Django is set up.
        from foundation.http.body_limit import MOST_THROWN_AWAY, most_bytes

        path = self.channel._path.partition(b"?")[0].decode("latin-1")
        self._kept = most_bytes(unquote(path)) + 1
        self._most = self._kept + MOST_THROWN_AWAY
        super().gotLength(length)

    def handleContentChunk(self, data: bytes) -> None:
        if self._came > self._most:
            return  # it was cut off
        if self._came < self._kept:
            super().handleContentChunk(data[: self._kept - self._came])
        self._came += len(data)
        if self._came > self._most:
            self.channel.transport.write(TOO_LARGE)
            self.channel.loseConnection()


def main() -> None:
    """Serves until a signal."""
    http_protocol.WebRequest = CappedRequest
    CommandLineInterface.entrypoint()


if __name__ == "__main__":
    main()
