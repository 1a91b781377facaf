"""Texts as they are compared: NFC, and without the difference of case where that does not count."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

MOST_MARKS: Final = 30
"""Of one character, in Unicode's Stream-Safe Text Format (UAX #15, section 13). Sorting more takes quadratic time."""
BEYOND_MARKS: Final = 0x20000
"""From here on no character is a mark."""
HALF: Final = re.compile("[\ud800-\udfff]")


def normal(text: str, *, case_sensitive: bool = True) -> str:
    """The text in NFC; caseless as in Unicode's definition D145 (canonical caseless matching)."""
    if text.isascii():
        return text if case_sensitive else text.lower()
    safe = _endless_marks().sub(_with_a_break, text)
    if case_sensitive:
        return unicodedata.normalize("NFC", safe)
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", safe).casefold())


def half_character(text: str) -> int:
    """The position, from 1, of the first lone surrogate; 0 where there is none."""
    found = None if text.isascii() else HALF.search(text)
    return found.start() + 1 if found else 0


def _with_a_break(found: re.Match[str]) -> str:
    return f"{found[0]}\N{COMBINING GRAPHEME JOINER}"


@lru_cache(maxsize=1)
def _endless_marks() -> re.Pattern[str]:
    marks = "".join(char for char in map(chr, range(0x300, BEYOND_MARKS)) if unicodedata.combining(char))
    return re.compile(f"[{marks}]{{{MOST_MARKS}}}(?=[{marks}])")
