"""PNG, JPEG, GIF and WebP: walked from the first byte to the last, so that a picture is one, and nothing beside it.

Sources: PNG (third edition, W3C 2025), sections 5 and 11; JPEG (ITU T.81), annex B; GIF89a; WebP container (RFC 9649).
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable
from typing import Final

from foundation.media.facts import Media, NotTaken, bomb, broken, trailing
from foundation.words import number

LONGEST_SIDE: Final = 16_384
MOST_PIXELS: Final = 64_000_000
MOST_FRAMES: Final = 1_000
MOST_PIXELS_OF_ALL_FRAMES: Final = 512_000_000
MOST_TEXT: Final = 4 * 2**20
"""Bytes that a profile or a text inside a picture may unpack to."""
PNG: Final = b"\x89PNG\r\n\x1a\n"
CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
ADAM7: Final = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
MARKER: Final = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])", re.DOTALL)
FRAME_HEADERS: Final = frozenset({*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)})
PIECE: Final = 2**20


def picture_of(data: bytes) -> Media | None:
    """What picture this is, None for none; raises NotTaken for one that begins as a picture and is something else."""
    walk = _walker(data)
    if walk is None:
        return None
    try:
        media = walk(data)
    except (struct.error, IndexError, KeyError, zlib.error):
        raise broken("picture") from None
    _check_size(media)
    return media


def _walker(data: bytes) -> Callable[[bytes], Media] | None:
    if data.startswith(PNG):
        return _png
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg
    if data.startswith((b"GIF87a", b"GIF89a")):
        return _gif
    return _webp if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None


def _check_size(media: Media) -> None:
    if not media.width or not media.height:
        raise broken("picture")
    told = f"This picture has {number(media.width)} x {number(media.height)} pixels"
    if max(media.width, media.height) > LONGEST_SIDE or media.width * media.height > MOST_PIXELS:
        raise bomb(f"{told}; up to {number(LONGEST_SIDE)} a side and {number(MOST_PIXELS)} in all are taken.")
    if media.frames > MOST_FRAMES or media.width * media.height * media.frames > MOST_PIXELS_OF_ALL_FRAMES:
        raise bomb(f"{told} and {media.frames} frames, which is more than is taken.")


def _png(data: bytes) -> Media:
    place, header, frames, unpacking = len(PNG), b"", 1, None
    while True:
        length, name = struct.unpack_from(">I4s", data, place)
        body, check = data[place + 8 : place + 8 + length], data[place + 8 + length : place + 12 + length]
        if len(check) != 4 or zlib.crc32(name + body) != int.from_bytes(check, "big"):
            raise broken("PNG")
        if (name == b"IHDR") == bool(header):
            raise broken("PNG")
        place += 12 + length
        match name:
            case b"IHDR":
                header = body
                _check_size(_png_media(header, 1))
                unpacking = _Unpacking(_png_bytes(header))
            case b"IDAT" if unpacking:
                unpacking.take(body)
            case b"acTL":
                frames = struct.unpack_from(">I", body)[0]
            case b"iCCP" | b"zTXt" | b"iTXt":
                _check_text(name, body)
            case b"IEND":
                break
    if place != len(data):
        raise trailing("PNG")
    if unpacking is None or not unpacking.is_whole:
        raise broken("PNG")
    return _png_media(header, frames)


def _png_media(header: bytes, frames: int) -> Media:
    width, height = struct.unpack_from(">II", header)
    return Media("image/png", width, height, frames)


def _png_bytes(header: bytes) -> int:
    """How many bytes the pixels of this header are, filters included."""
    width, height, depth, colours, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    bits = depth * CHANNELS[colours]

    def rows(columns: int, lines: int) -> int:
        return lines * (1 + -(-columns * bits // 8)) if columns > 0 else 0

    if not interlaced:
        return rows(width, height)
    return sum(rows(-(-(width - x) // dx), -(-(height - y) // dy)) for x, y, dx, dy in ADAM7 if height > y)


class _Unpacking:
    """Unpacks pixels without keeping them: as many as the header promises, and no more."""

    def __init__(self, expected: int) -> None:
        self._left = expected
        self._stream = zlib.decompressobj()

    def take(self, packed: bytes) -> None:
        while packed and not self._stream.eof:
            self._left -= len(self._stream.decompress(packed, PIECE))
            packed = self._stream.unconsumed_tail
            if self._left < 0:
                raise broken("PNG")

    @property
    def is_whole(self) -> bool:
        return self._left == 0


def _check_text(name: bytes, body: bytes) -> None:
    """A compressed text or profile must not unpack to very much."""
    start = body.index(b"\0") + 2 if b"\0" in body else len(body)
    if name == b"iTXt":
        is_packed = body[start - 1 : start] == b"\1"
        start = len(body) if not is_packed else body.index(b"\0", body.index(b"\0", start + 1) + 1) + 1
    stream = zlib.decompressobj()
    try:
        stream.decompress(body[start:], MOST_TEXT)
    except zlib.error:
        return  # what does not unpack is no bomb; viewers pass over it
    if stream.unconsumed_tail and not stream.eof:
        raise bomb("A text inside this picture unpacks to more than is taken.")


def _jpeg(data: bytes) -> Media:
    place, size, has_scan = 2, (0, 0), False
    while True:
        found = MARKER.match(data, place) if not has_scan else MARKER.search(data, place)
        if found is None:
            raise broken("JPEG")
        marker, place = found[1][0], found.end()
        if marker == 0xD9:
            break
        if marker == 0x01:
            continue
        length = struct.unpack_from(">H", data, place)[0]
        if length < 2 or place + length > len(data):
            raise broken("JPEG")
        if marker in FRAME_HEADERS:
            height, width = struct.unpack_from(">HH", data, place + 3)
            size = (width, height)
        has_scan = has_scan or marker == 0xDA
        place += length
    if not has_scan:
        raise broken("JPEG")
    # Cameras fill up with zeros; anything else behind the end is another file.
    if data[place:].strip(b"\0"):
        raise trailing("JPEG")
    return Media("image/jpeg", *size, 1)


def _gif(data: bytes) -> Media:
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    place, frames = 13 + _colours(flags), 0
    while (kind := data[place]) != 0x3B:
        if kind == 0x2C:
            frames += 1
            place += 10 + _colours(data[place + 9]) + 1
        elif kind == 0x21:
            place += 2
        else:
            raise broken("GIF")
        while block := data[place]:
            place += block + 1
        place += 1
    if place + 1 != len(data):
        raise trailing("GIF")
    if not frames:
        raise broken("GIF")
    return Media("image/gif", width, height, frames=frames)


def _colours(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _webp(data: bytes) -> Media:
    end = 8 + struct.unpack_from("<I", data, 4)[0]
    if end > len(data):
        raise broken("WebP")
    if end != len(data):
        raise trailing("WebP")
    place, size, frames = 12, (0, 0), 0
    while place < end:
        name, length = struct.unpack_from("<4sI", data, place)
        body = data[place + 8 : place + 8 + length]
        if len(body) != length:
            raise broken("WebP")
        if name == b"VP8X":
            size = (1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little"))
        elif name == b"VP8 ":
            frames += 1
            if body[3:6] != b"\x9d\x01\x2a":
                raise broken("WebP")
            size = max(
                size, (int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF)
            )
        elif name == b"VP8L":
            frames += 1
            if body[0] != 0x2F:
                raise broken("WebP")
            bits = int.from_bytes(body[1:5], "little")
            size = max(size, ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1))
        elif name == b"ANMF":
            frames += 1
        place += 8 + length + length % 2
    if not frames:
        raise broken("WebP")
    return Media("image/webp", *size, frames)


def not_a_picture() -> NotTaken:
    """What was sent as a picture is none."""
    return NotTaken("not_a_picture", "This is no picture: PNG, JPEG, WebP and GIF are taken.")
