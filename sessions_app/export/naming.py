"""The name under which a browser keeps a file."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Final
from urllib.parse import quote

NOT_IN_A_NAME: Final = re.compile(r'[\\/:*?"<>|%;\s]+')
LONGEST: Final = 80
"""Characters of the session's name that are kept."""


def file_name(title: str, *, day: date, suffix: str) -> str:
    """A name without a path, control characters or anything that a file system gives a meaning to."""
    plain = "".join(letter for letter in unicodedata.normalize("NFC", title) if unicodedata.category(letter)[0] != "C")
    words = NOT_IN_A_NAME.sub("-", plain)[:LONGEST].strip("-. ")
    return f"{words or 'session'}-{day:%Y-%m-%d}{suffix}"


def content_disposition(name: str) -> str:
    """An attachment: the name in ASCII for old clients, and as it is (RFC 6266, RFC 8187)."""
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", bare).strip("-.")
    return f"attachment; filename=\"{safe}\"; filename*=UTF-8''{quote(name, safe='')}"
