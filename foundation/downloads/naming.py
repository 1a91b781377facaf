"""What a file is called that somebody takes away, and the header that says so.

One rule for every download: a name of any script stays what it is, and leads nowhere on any disk.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Final
from urllib.parse import quote

NOT_IN_A_NAME: Final = re.compile(r'[\\/:*?"<>|%;\s]+')
LONGEST: Final = 80
"""Characters of the title that are kept."""
MOST_BYTES: Final = 200
"""Of the title in UTF-8: file systems take 255 of the whole name, with the day, the ending and a browser's " (1)"."""
LONGEST_FALLBACK: Final = 120
JOINERS: Final = "\u200c\u200d"
"""Belong to words of several scripts and to emoji; nothing else that is not seen stays in a name."""
RESERVED: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|\Z)", re.IGNORECASE)
"""Names of devices, which Windows takes for no file, whatever their ending."""
ENDING: Final = re.compile(r"\.[A-Za-z0-9]{1,10}\Z")


def file_name(title: str, *, suffix: str, day: date | None = None) -> str:
    """A name without a path, control characters or anything that a file system gives a meaning to."""
    plain = "".join(letter for letter in unicodedata.normalize("NFC", title) if _is_seen(letter))
    words = NOT_IN_A_NAME.sub("-", plain).strip(f"-. {JOINERS}")
    words = _cut(words).strip(f"-. {JOINERS}") or "export"
    if day is not None:
        return f"{words}-{day:%Y-%m-%d}{suffix}"
    return f"{RESERVED.sub(_marked, words, count=1)}{suffix}"


def uploaded_name(name: str, *, suffix: str) -> str:
    """The name that somebody's file came with, as one to give it back under; `suffix` where it has no ending."""
    found = ENDING.search(name)
    return file_name(name.removesuffix(found[0]), suffix=found[0]) if found else file_name(name, suffix=suffix)


def content_disposition(name: str, *, fallback: str = "") -> str:
    """An attachment: the name in ASCII for old clients (`fallback`, or made of it), and as it is (RFC 6266, RFC 8187).

    `name` is one that `file_name` gave; whatever is no name of a file in `fallback` is left out of it.
    """
    return f"attachment; filename=\"{_ascii(fallback or name)}\"; filename*=UTF-8''{quote(name, safe='')}"


def _is_seen(letter: str) -> bool:
    return letter in JOINERS or unicodedata.category(letter)[0] != "C"


def _cut(words: str) -> str:
    """As many letters as there is room for, each with the signs that belong to it."""
    end = len(words[:LONGEST].encode()[:MOST_BYTES].decode(errors="ignore"))
    while 0 < end < len(words) and (_belongs_before(words[end]) or words[end - 1] in JOINERS):
        end -= 1
    return words[:end]


def _belongs_before(letter: str) -> bool:
    return letter in JOINERS or unicodedata.category(letter) in ("Mn", "Mc", "Me", "Sk")


def _marked(device: re.Match[str]) -> str:
    return f"{device[0]}_"


def _ascii(name: str) -> str:
    """The name for clients that know ASCII alone, with the same ending."""
    found = ENDING.search(name)
    ending = found[0] if found else ""
    bare = unicodedata.normalize("NFKD", name.removesuffix(ending)).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Za-z0-9._-]+", "-", bare).strip("-.")[:LONGEST_FALLBACK]
    return f"{RESERVED.sub(_marked, words or 'export', count=1)}{ending}"
