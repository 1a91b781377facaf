"""Numbers as people type them into fields: with a point or a comma before the decimals, and with spaces between
thousands, as the pages write them.
"""

from __future__ import annotations

import re
from math import isfinite
from typing import Final

_TYPED: Final = re.compile(
    r"([+-]?)"
    r"(?:([0-9]{1,40})|([0-9]{1,3}(?:[ \u00a0\u2009\u202f][0-9]{3})+))"
    r"(?:([.,])([0-9]{1,40}))?"
    r"([eE][+-]?[0-9]{1,3})?"
)


def plainly(text: str) -> str:
    """The number as JSON and Python write it; what is none, or could be two (`1,000`), stays as it was typed."""
    found = _TYPED.fullmatch(text.strip())
    if found is None:
        return text
    sign, digits, grouped, mark, decimals, exponent = found.groups(default="")
    whole = digits or re.sub(r"[^0-9]", "", grouped)
    if mark == "," and len(decimals) == 3 and digits.strip("0"):
        return text
    return f"{sign.removeprefix('+')}{whole}{f'.{decimals}' if decimals else ''}{exponent}"


def typed_number(text: str) -> int | float | str:
    """The number; what is none stays text, for the rules to refuse together with all else that is wrong."""
    plain = plainly(text)
    if "," in plain or not _TYPED.fullmatch(plain):
        return text
    value = int(plain) if plain.removeprefix("-").isdecimal() else float(plain)
    return value if isfinite(value) else text
