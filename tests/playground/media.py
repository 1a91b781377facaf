"""Small files that are what they say, and some that are not."""

from __future__ import annotations

import base64
import os
import struct
import zlib


def chunk(name: bytes, body: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int = 4, height: int = 3, *, note: bytes = b"", colour: bytes = b"\x30\x80\xc0") -> bytes:
    """A PNG of one colour; equal notes make equal files."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress((b"\0" + colour * width) * height)
    text = chunk(b"tEXt", b"Comment\0" + note) if note else b""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + text + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def some_png() -> bytes:
    """A PNG that no other test has."""
    return png(note=os.urandom(8).hex().encode())


def big_png(size: int) -> bytes:
    """A PNG of about `size` bytes."""
    return png(note=base64.b64encode(os.urandom(size * 3 // 4)))


GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
WEBP = base64.b64decode("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////"
    "////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA//9k="
)


def pdf(pages: int = 2, *, note: bytes = b"note") -> bytes:
    """A PDF with empty pages."""
    kids = b" ".join(b"%d 0 R" % (number + 3) for number in range(pages))
    tree = b"<</Type/Pages/Kids[" + kids + b"]/Count " + str(pages).encode() + b">>"
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", tree]
    objects += [b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>"] * pages
    body = b"%PDF-1.4\n%" + note + b"\n"
    for number, each in enumerate(objects, 1):
        body += str(number).encode() + b" 0 obj" + each + b"endobj\n"
    return body + b"trailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n"


def pdf_bomb() -> bytes:
    """A small PDF whose one stream unpacks to 300 MB."""
    packer = zlib.compressobj(9)
    stream = b"".join(packer.compress(bytes(2**20)) for _ in range(300)) + packer.flush()
    head = b"%PDF-1.4\n1 0 obj<</Filter/FlateDecode/Length " + str(len(stream)).encode()
    return head + b">>stream\n" + stream + b"\nendstream endobj\n%%EOF\n"


def data_url(data: bytes, media_type: str = "image/png") -> str:
    """The bytes as a data URL."""
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"
