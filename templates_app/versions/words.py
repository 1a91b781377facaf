"""A text as the words that a difference is told by.

A variable and a tag of Jinja2 are one word each. Scripts without spaces are read by the character; what a reader sees
as one character (with its marks, an emoji with its parts, a flag) is never cut.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

PLACES: Final = r"\\*\{\{[^{}]{0,300}\}\}|\{%[^%]{0,500}%\}|\{#[^#]{0,500}#\}"
WITHOUT_SPACES: Final = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3031-\u312f\u31a0-\u31ff"
    "\u3400-\u4dbf\u4e00-\ua4cf\uf900-\ufaff\uff66-\uff9f\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
"""Thai, Lao, Tibetan, Burmese, Khmer, kana, bopomofo, Han, Yi."""
JOINERS: Final = "\u200c\u200d"
TAILS: Final = "\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f"
"""What an emoji may be followed by: tones of skin, the letters of a region's flag."""


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    marks = f"{_marks()}\u0e33\u0eb3{JOINERS}"
    return re.compile(
        rf"{PLACES}"
        rf"|[\U0001f1e6-\U0001f1ff]{{2}}"
        rf"|\s+[{marks}]*"
        rf"|[{WITHOUT_SPACES}][{marks}]*"
        rf"|(?:[^\W{WITHOUT_SPACES}][{marks}]*)+"
        rf"|.(?:[{marks}{TAILS}]|(?<=\u200d)[^\w\s])*",
        re.DOTALL,
    )


def _marks() -> str:
    """The combining marks, as they stand between the brackets of a pattern."""
    points = (*range(0x300, 0x1F000), *range(0xE0100, 0xE01F0))
    found = [point for point in points if unicodedata.category(chr(point)).startswith("M")]
    ranges: list[list[int]] = []
    for point in found:
        if ranges and point == ranges[-1][1] + 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


def words_of(text: str) -> list[str]:
    """The words of a text; together they are the text."""
    return _pattern().findall(text)
