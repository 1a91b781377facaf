"""International bank account numbers (ISO 13616), with the length of their country and a right checksum (ISO 7064)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from privacy.masking.finders.find import Find

KIND: Final = "IBAN"
LENGTHS: Final = {
    country: length
    for length, countries in {
        15: "NO", 16: "BE", 18: "DK FI FK FO GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU MN XK",
        21: "CH CR HR LI LV", 22: "BG BH DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG", 25: "LY PT ST", 26: "IS TR", 27: "BI DJ FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HU LB NI PL SV", 29: "BR EG PS QA UA", 30: "JO KW MU YE", 31: "MT SC", 32: "LC",
        33: "RU",
    }.items()
    for country in countries.split()
}  # fmt: skip
"""SWIFT's registry, release 99."""
_BEGINNING: Final = re.compile(r"(?<![^\W_])[A-Z]{2}\d{2}(?=[ \u00a0-]?[A-Z0-9])", re.IGNORECASE | re.ASCII)
_REST: Final = {
    length: re.compile(rf"(?:[ \u00a0-]?[A-Za-z0-9]){{{length - 4}}}(?![^\W_])") for length in set(LENGTHS.values())
}
_SEPARATORS: Final = re.compile(r"[ \u00a0-]")


def find(text: str) -> Iterator[Find]:
    """Every number whose checksum is right, in groups or in one."""
    for match in _BEGINNING.finditer(text):
        if end := _end(text, match.start(), match.end()):
            yield Find(match.start(), end, KIND)


def _end(text: str, start: int, at: int) -> int:
    """Where the number ends; 0 where there is none."""
    length = LENGTHS.get(text[start : start + 2].upper())
    rest = _REST[length].match(text, at) if length else None
    if rest is None:
        return 0
    return rest.end() if _checksum(_SEPARATORS.sub("", text[start : rest.end()])) == 1 else 0


def _checksum(signs: str) -> int:
    return int("".join(str(int(sign, 36)) for sign in signs[4:] + signs[:4])) % 97
