"""Compressed answers, unpacked in small pieces so that a bomb never grows in memory."""

from __future__ import annotations

import zlib
from typing import Final

from providers.errors import Code, ProviderFailure
from providers.wires.failures import malformed

PIECE = 256 * 1024
GZIP: Final = b"\x1f\x8b"
TEXT: Final = b' \t\r\n{["<:\xef'
"""A body that begins with one of these, or with a letter, is not compressed, whatever its header says."""


class Inflate:
    """gzip, in one member or several (RFC 1952, section 2.2), or deflate; at most PIECE bytes come out at a time.

    What the first bytes are decides, `encoding` only where they do not tell.
    """

    def __init__(self, encoding: str = "") -> None:
        self._encoding = encoding
        self._stream: zlib._Decompress | None = None
        self._is_plain = False
        self._is_over = False
        self._has_begun = False
        self._rest = b""

    @property
    def has_more(self) -> bool:
        """More can be taken without feeding."""
        return bool(self._rest) and self._stream is not None

    def feed(self, data: bytes) -> bytes:
        """The next piece; b"" with `has_more` False asks for more data."""
        data, self._rest = self._rest + data, b""
        if self._stream is None and not self._is_plain:
            if len(data) < len(GZIP) or self._is_over:
                self._rest = b"" if self._is_over else data
                return b""
            self._begin(data)
        if self._stream is None:
            return b"" if self._is_over else data
        try:
            piece = self._stream.decompress(data, PIECE)
        except zlib.error:
            raise malformed("The answer is not compressed as it claims") from None
        self._rest = self._stream.unconsumed_tail
        if self._stream.eof:
            # Another member may follow; padding and anything else behind the last one mean nothing.
            self._rest, self._stream = self._stream.unused_data, None
            if len(self._rest) >= len(GZIP) and not self._rest.startswith(GZIP):
                self._rest, self._is_over = b"", True
            elif len(self._rest) >= len(GZIP):
                self._begin(self._rest)
        return piece

    def _begin(self, head: bytes) -> None:
        if head.startswith(GZIP):
            self._stream = zlib.decompressobj(16 + zlib.MAX_WBITS)
        elif self._has_begun:
            self._is_over = True
        elif head[0] & 0x0F == zlib.DEFLATED and not int.from_bytes(head[:2]) % 31:
            self._stream = zlib.decompressobj(zlib.MAX_WBITS)
        elif self._encoding != "deflate" or head[:1] in TEXT or head[:1].isalpha():
            self._is_plain = True
        else:
            self._stream = zlib.decompressobj(-zlib.MAX_WBITS)  # As some servers understand the word.
        self._has_begun = True


def inflate_for(encoding: str) -> Inflate | None:
    """What unpacks this Content-Encoding; we ask for none, so others than gzip and deflate are malformed."""
    match encoding.strip().lower():
        case "" | "identity":
            return None
        case "gzip" | "x-gzip" | "deflate":
            return Inflate(encoding.strip().lower())
    raise ProviderFailure(Code.MALFORMED_RESPONSE, "The answer is compressed in a way that was not asked for.")
