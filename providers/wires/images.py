"""Images in messages: data URLs (RFC 2397) taken apart for the wires that want the bytes alone."""

from __future__ import annotations

import re

DATA_URL = re.compile(r"data:(image/[\w.+-]+);base64,")


def split_data_url(url: str) -> tuple[str, str] | None:
    """(media type, base64 text) of an image's data URL; None for any other URL."""
    match = DATA_URL.match(url)
    return (match[1], url[match.end() :]) if match else None
