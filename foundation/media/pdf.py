"""PDF files: whether one is whole, how many pages it has, and that nothing in it unpacks to very much.

The file is not interpreted (ISO 32000-2): its streams are unpacked and thrown away, its page objects are counted, in
the open and in object streams. What cannot be read so is left to the model's provider.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Final

from foundation.media.facts import Media, NotTaken, bomb, broken, trailing
from foundation.words import number

HEAD: Final = b"%PDF-"
MOST_PAGES: Final = 1_000
MOST_OBJECTS: Final = 400_000
LEAST_ALLOWED: Final = 64 * 2**20
MOST_UNPACKED: Final = 512 * 2**20
RATIO: Final = 60
"""Bytes that one byte of the file may unpack to, above `LEAST_ALLOWED`."""
PIECE: Final = 2**20
DEEPEST: Final = 4
"""Filters that one stream may have upon another."""
_STREAM: Final = re.compile(rb"stream\r?\n")
_END: Final = re.compile(rb"%%EOF[\s\0]*")
_PAGE: Final = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
_COUNT: Final = re.compile(rb"/Count\s+(\d{1,12})")
_KIDS: Final = re.compile(rb"/Kids\s*\[([^\]]*)\]")
_REFERENCE: Final = re.compile(rb"(\d+)\s+\d+\s+R")
_NOT_TOLD: Final = 4
"""Page trees of one file that stand in it more than once, since it was changed and appended to."""


def pdf_of(data: bytes) -> Media | None:
    """The facts of a PDF, None for another file; raises NotTaken."""
    if not data.startswith(HEAD):
        return None
    ends = list(_END.finditer(data))
    if not ends:
        raise broken("PDF")
    if ends[-1].end() != len(data):
        raise trailing("PDF")
    if b"/Encrypt" in data and re.search(rb"/Encrypt\s+\d+\s+\d+\s+R", data):
        raise NotTaken("encrypted_file", "This PDF is protected by a password: save it without.")
    budget = _Budget(min(MOST_UNPACKED, max(LEAST_ALLOWED, RATIO * len(data))))
    pages = _pages(_texts(data, budget))
    if pages > MOST_PAGES:
        raise bomb(f"This PDF has {number(pages)} pages; up to {number(MOST_PAGES)} are taken.")
    return Media("application/pdf", pages=max(1, pages))


class _Budget:
    """Bytes that may still be unpacked from one file."""

    def __init__(self, most: int) -> None:
        self._left = most

    def spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise bomb("This PDF unpacks to more than is taken.")


def _texts(data: bytes, budget: _Budget) -> Iterator[bytes]:
    """The file itself, and what its object streams hold."""
    yield data
    for at, found in enumerate(_STREAM.finditer(data)):
        if at > MOST_OBJECTS:
            raise bomb("This PDF has more objects than are taken.")
        dictionary = data[max(0, data.rfind(b"obj", 0, found.start())) : found.start()][-4096:]
        if b"FlateDecode" not in dictionary and b"/Fl" not in dictionary:
            continue
        end = data.find(b"endstream", found.end())
        packed = data[found.end() : end if end >= 0 else len(data)]
        depth = min(DEEPEST, max(1, dictionary.count(b"FlateDecode") + dictionary.count(b"/Fl ")))
        is_objects = b"/ObjStm" in dictionary
        unpacked = _unpacked(packed, budget, is_kept=is_objects or depth > 1)
        for _ in range(depth - 1):
            unpacked = _unpacked(unpacked, budget, is_kept=True)
        if is_objects:
            yield unpacked


def _unpacked(packed: bytes, budget: _Budget, *, is_kept: bool) -> bytes:
    """What a stream holds, as far as it unpacks; nothing where it need not be kept."""
    stream, kept = zlib.decompressobj(), bytearray()
    while packed and not stream.eof:
        try:
            piece = stream.decompress(packed, PIECE)
        except zlib.error:
            break
        budget.spend(len(piece))
        kept += piece if is_kept else b""
        packed = stream.unconsumed_tail
    return bytes(kept)


def _pages(texts: Iterator[bytes]) -> int:
    """The larger of what it says of itself and what is there; a page that stands twice in its tree is refused."""
    there, told, kids = 0, 0, dict[bytes, int]()
    for text in texts:
        there += len(_PAGE.findall(text))
        told = max([told, *map(int, _COUNT.findall(text))])
        for children in _KIDS.findall(text):
            references = _REFERENCE.findall(children)
            if len(references) != len(set(references)):
                raise bomb("This PDF shows the same page again and again.")
            for reference in references:
                kids[reference] = kids.get(reference, 0) + 1
    if any(count > _NOT_TOLD * 16 for count in kids.values()):
        raise bomb("This PDF shows the same page again and again.")
    return max(there, told)
