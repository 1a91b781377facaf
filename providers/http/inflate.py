"""Compressed answers, unpacked in small pieces so that a bomb never grows in memory."""

from __future__ import annotations

import zlib

from providers.errors import Code, ProviderFailure
from providers.wires.failures import malformed

PIECE = 256 * 1024
ANY_ZLIB_FORMAT = 32 + zlib.MAX_WBITS


class Inflate:
    """gzip or deflate; at most PIECE bytes come out at a time."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(ANY_ZLIB_FORMAT)
        self._rest = b""

    @property
    def has_more(self) -> bool:
        """More can be taken without feeding."""
        return bool(self._rest)

    def feed(self, data: bytes) -> bytes:
        """The next piece; b"" with `has_more` False asks for more data."""
        try:
            piece = self._stream.decompress(self._rest + data, PIECE)
        except zlib.error:
            raise malformed("The answer is not compressed as it claims") from None
        self._rest = self._stream.unconsumed_tail
        return piece


def inflate_for(encoding: str) -> Inflate | None:
    """What unpacks this Content-Encoding; we ask for none, so others than gzip and deflate are malformed."""
    match encoding.strip().lower():
        case "" | "identity":
            return None
        case "gzip" | "x-gzip" | "deflate":
            return Inflate()
    raise ProviderFailure(Code.MALFORMED_RESPONSE, "The answer is compressed in a way that was not asked for.")
