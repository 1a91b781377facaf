"""Numbers of payment cards (ISO/IEC 7812): 13 to 19 digits of an issuer's range with Luhn's check digit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from privacy.masking.finders.find import Find

KIND: Final = "CARD"
_LENGTHS: Final = (16, 15, 14, 19, 18, 17, 13)
_GROUPS: Final = re.compile(r"(?<![\w])(?<![\d][.,-])\d{4,19}(?:([ \u00a0-])\d{3,10}(?:\1\d{2,10})*)?(?![\w])")
_ISSUERS: Final = re.compile(
    r"4(?:.{12}|.{15}|.{18})"  # Visa
    r"|(?:5[1-5]|2[2-7]).{14}"  # Mastercard, Mir
    r"|3[47].{13}"  # American Express
    r"|3(?:0[0-5]|[689]).{11,16}"  # Diners Club
    r"|35.{14,17}"  # JCB
    r"|6(?:011|4[4-9]|5|2|0|8|3|7|1).{9,17}"  # Discover, UnionPay, Maestro, RuPay
    r"|(?:50|5[6-8]|8[12]).{11,17}"  # Maestro, RuPay
)


def find(text: str) -> Iterator[Find]:
    """Every number in one piece, or in groups with one kind of sign between them."""
    for match in _GROUPS.finditer(text):
        if end := _end(match.group(), match.group(1)):
            yield Find(match.start(), match.start() + end, KIND)


def _end(written: str, separator: str | None) -> int:
    """Where the card ends within what was found: an expiry date may stand behind it; 0 where there is none."""
    ends, count = {}, 0
    for group in re.finditer(r"\d+", written):
        count += len(group.group())
        ends[count] = group.end()
    if separator == "-":
        # A number of another kind that goes on is none, such as a UUID of digits.
        ends = {count: len(written)}
    digits = re.sub(r"\D", "", written)
    for length in _LENGTHS:
        if length in ends and _ISSUERS.fullmatch(digits[:length]) and _luhn(digits[:length]):
            return ends[length]
    return 0


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
