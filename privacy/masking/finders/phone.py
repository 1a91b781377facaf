"""Telephone numbers in international form (ITU-T E.164, E.123): with a plus and a calling code that is given out.

Numbers without a calling code look like any others, and are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from privacy.masking.finders.find import Find

KIND: Final = "PHONE"
FEWEST: Final = 8
MOST: Final = 15
"""Digits with the calling code."""
_SEPARATED: Final = r"(?:\)?[ \u00a0\u2009\u202f./\u2010-\u2013-]?\(?\d)"
_NUMBER: Final = re.compile(
    rf"(?<![\w+])(?:\+\(?[1-9]{_SEPARATED}{{6,15}}|00[1-9]\d{{0,2}}(?=[ \u00a0(]){_SEPARATED}{{6,15}})(?![\w])"
)
_DATE: Final = re.compile(r"\+(?:19|20)\d\d[-./]?[01]\d[-./]?[0-3]\d(?!\d)")
"""A date in a line that was added, of `diff`."""
_NOT_DIGITS: Final = re.compile(r"\D")
_TRUNK: Final = re.compile(r"\(0\)")
"""`+44 (0)20 …`: not dialled from abroad."""
_TWO: Final = (
    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90"
    " 91 92 93 94 95 98"
)
_THREE: Final = (
    "211 212 213 216 218 220-269 290 291 297-299 350-359 370-378 379-383 385-389 420 421 423 500-509 590-599 670"
    " 672-683 685-692 800 808 850 852 853 855 856 870 878 880-883 886 888 960-968 970-977 979 992-996 998"
)
"""Calling codes of two and three digits that are given out (ITU-T E.164, list of 2016-11-15)."""


def _each(listed: str) -> Iterator[str]:
    for part in listed.split():
        first, _, last = part.partition("-")
        yield from map(str, range(int(first), int(last or first) + 1))


_CODES: Final = frozenset({*_each(_TWO), *_each(_THREE)})


def find(text: str) -> Iterator[Find]:
    """Every number with a plus, or with 00 and a space behind the calling code."""
    if "+" not in text and "00" not in text:
        return
    for match in _NUMBER.finditer(text):
        if _is_one(match.group()) and not _DATE.match(match.group()):
            yield Find(match.start(), match.end(), KIND)


def _is_one(written: str) -> bool:
    digits = _NOT_DIGITS.sub("", _TRUNK.sub("", written)).removeprefix("" if written.startswith("+") else "00")
    if not FEWEST <= len(digits) <= MOST:
        return False
    if digits[0] == "1":
        # The North American plan: three digits of an area, which begins with 2 to 9, and seven more, likewise.
        return len(digits) == 11 and digits[1] in "23456789" and digits[4] in "23456789"
    if digits[0] == "7":
        return len(digits) == 11
    return digits[:2] in _CODES or digits[:3] in _CODES
