"""Texts without what nobody types into a search: capitals, accents, widths, invisible characters."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LETTERS: Final = {
    "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t", "\u0131": "i",
    "ĸ": "k", "ŋ": "n", "ƒ": "f", "ə": "e",
}  # fmt: skip
"""Letters that Unicode takes for letters of their own, and people type without their stroke."""
_WRITTEN: Final = str.maketrans(
    {
        **LETTERS,
        **dict.fromkeys("\u2018\u2019\u201b\u02bc\u2032\uff07`\u00b4", "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-"),
        **dict.fromkeys("\u2122\u2120", " "),
        # What joins emoji, colours their skin, or chooses their picture, and what is not seen at all.
        **{chr(code): None for code in range(0x1F3FB, 0x1F400)},
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u20e3\u061c", None),
        **{chr(code): None for code in (*range(0xFE00, 0xFE10), *range(0x202A, 0x202F), *range(0x2066, 0x206A))},
    }
)
_ACCENTS: Final = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
"""Accents, Hebrew points, Arabic vowels. The marks of other scripts are part of what a word is."""


def fold(text: str) -> str:
    """The text as it is looked for: compatibility forms, capitals and accents folded (Unicode 3.13, UAX 15)."""
    if text.isascii():
        return text.lower().replace("`", "'")
    plain = unicodedata.normalize("NFKD", text.translate(_WRITTEN)).casefold().translate(_WRITTEN)
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", plain)))
