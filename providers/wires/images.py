"""Images in messages: data URLs (RFC 2397), however sloppily they were put together, put right for every wire."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

DATA_URL: Final = re.compile(r"\s*data:\s*([^,;\s]*)([^,]*),", re.IGNORECASE)
BLANKS: Final = re.compile(r"\s+")
BASE64: Final = re.compile(r"[A-Za-z0-9+/]+={0,2}")
SAME_TYPES: Final = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png"}
BEGINNINGS: Final = (
    (re.compile(rb"\x89PNG\r\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
)
"""By their first bytes, since a provider refuses a picture that is another one than its type says."""


class Image(NamedTuple):
    """A picture as every provider reads it."""

    media_type: str
    base64: str

    @property
    def url(self) -> str:
        """The data URL as RFC 2397 has it."""
        return f"data:{self.media_type};base64,{self.base64}"


def split_data_url(url: str) -> Image | None:
    """The image of a data URL; None for any other URL, and for one that has no image in base64.

    Taken all the same: types in capitals or by another name, parameters (`;charset=…`), blanks and line feeds,
    percent signs, base64 in its alphabet for URLs or without its padding.
    """
    match = DATA_URL.match(url)
    if match is None or "base64" not in BLANKS.sub("", match[2]).lower().split(";"):
        return None
    data = url[match.end() :]
    data = BLANKS.sub("", unquote(data) if "%" in data else data).replace("-", "+").replace("_", "/").rstrip("=")
    data += "=" * (-len(data) % 4)
    kind = _sniffed(data) or SAME_TYPES.get(match[1].lower(), match[1].lower())
    if not kind.startswith("image/") or len(data) % 4 or not BASE64.fullmatch(data):
        return None
    return Image(kind, data)


def _sniffed(data: str) -> str:
    try:
        beginning = base64.b64decode(data[:24])
    except (binascii.Error, ValueError):
        return ""
    return next((kind for pattern, kind in BEGINNINGS if pattern.match(beginning)), "")


def with_right_images(message: dict[str, Any]) -> dict[str, Any]:
    """The message with its pictures' data URLs put right; the same one where there is nothing to do."""
    content = message.get("content")
    if not isinstance(content, list):
        return message
    return {**message, "content": [_right(part) for part in content]}


def _right(part: dict[str, Any]) -> dict[str, Any]:
    if part.get("type") != "image_url":
        return part
    picture = split_data_url(part["image_url"]["url"])
    return {**part, "image_url": {**part["image_url"], "url": picture.url}} if picture else part
