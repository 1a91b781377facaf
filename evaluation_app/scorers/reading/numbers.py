"""Numbers in a text, as people and models write them.

Read are digits of any script; thousands in groups by comma, point, apostrophe, underscore or space; a decimal point or
comma; signs, also U+2212; exponents (`1e6`, `1.5 x 10^6`, also with U+00D7 and raised digits); a percent or per mille
sign. Where a comma or a point could be either, three digits after a comma are thousands, and after a point decimals.
Digits within a word (`H2O`) are no number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

LONGEST: Final = 400
"""Digits of a number that is read."""
LARGEST_EXPONENT: Final = 9_999
_SPACES: Final = "\u0020\u00a0\u2009\u202f"
_NUMBER: Final = re.compile(
    rf"""
    (?P<sign>[-+\u2212\u2013\ufe63\uff0d]?) (?P<money>[$\u20ac\u00a3\u00a5\u20b9]?)
    (?P<digits>
        (?! 0 ) \d{{1,3}} (?: , \d{{3}} ){{1,40}} (?! \d ) (?: \. \d+ )?
      | \d{{1,2}} (?: , \d{{2}} ){{1,40}} , \d{{3}} (?! \d ) (?: \. \d+ )?
      | \d{{1,3}} (?: \. \d{{3}} ){{1,40}} (?: , \d+ ) (?! \d )
      | \d{{1,3}} (?: \. \d{{3}} ){{2,40}} (?! [\d.] )
      | \d{{1,3}} (?: ['\u2019_] \d{{3}} ){{1,40}} (?! \d ) (?: [.,] \d+ )?
      | \d{{1,3}} (?: [{_SPACES}] \d{{3}} ){{1,40}} (?! \d ) (?: [.,] \d+ )?
      | \d+ (?: \. \d+ )?
      | (?<! [\d.] ) \. \d+
    )
    (?P<decimals> , \d+ )?
    (?: [eE] (?P<exponent>[-+\u2212]?\d+) (?! \w )
      | \s? (?: [\u00d7x*\u00b7] | \\times | \\cdot ) \s? 10 (?:
            (?:\^|\*\*) [{{(]? (?P<power>[-+\u2212]?\d+) [}})]?
          | (?P<raised>[\u207a\u207b]?[\u00b9\u00b2\u00b3\u2070\u2074-\u2079]+)
        )
    )?
    (?P<share> [{_SPACES}]? [%\uff05\u066a\u2030] )?
    """,
    re.VERBOSE,
)
_RAISED: Final = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")
_MARKS: Final = {"\u066b": ".", "\u066c": ",", "\uff0e": ".", "\uff0c": ","}
_STRANGE: Final = re.compile(r"[^\x00-\x7f]")


class Number(NamedTuple):
    """As written; `divisor` is 100 after a percent sign, 1,000 after a per mille sign, else 1."""

    value: Decimal
    divisor: int
    text: str


def numbers_in(text: str) -> Iterator[Number]:
    """From the first to the last."""
    plain = text if text.isascii() else _STRANGE.sub(_plain, text)
    for found in _NUMBER.finditer(plain):
        if (found["sign"] or not _is_within_a_word(plain, found.start())) and (
            number := _read(plain, found)
        ) is not None:
            yield number


def _plain(found: re.Match[str]) -> str:
    character = found[0]
    if unicodedata.category(character) == "Nd":
        return str(unicodedata.decimal(character))
    return _MARKS.get(character, character)


def _is_within_a_word(text: str, start: int) -> bool:
    """After a letter of a script that has capitals: others write no spaces."""
    before = text[start - 1] if start else ""
    return before == "_" or before.lower() != before.upper()


def _read(text: str, found: re.Match[str]) -> Number | None:
    digits = _digits(found["digits"], found["decimals"] or "")
    exponent = found["exponent"] or found["power"] or (found["raised"] or "0").translate(_RAISED)
    power = int(exponent.replace("\u2212", "-")[:8])
    if len(digits) > LONGEST or abs(power) > LARGEST_EXPONENT:
        return None
    value = Decimal(f"{digits}e{power}")
    share = (found["share"] or "").strip(_SPACES)
    divisor = 1 if not share else 1000 if share == "\u2030" else 100
    if _is_minus(text, found):
        return Number(-value, divisor, found[0])
    return Number(value, divisor, found[0].removeprefix(found["sign"]))


def _digits(written: str, decimals: str) -> str:
    """With a decimal point and nothing else."""
    if "," in written and "." in written:
        thousands, point = (",", ".") if written.rindex(".") > written.rindex(",") else (".", ",")
        plain = written.replace(thousands, "").replace(point, ".")
    elif "," in written and _is_grouped(written, ","):
        plain = written.replace(",", "")
    elif written.count(".") > 1:
        plain = written.replace(".", "")
    else:
        plain = re.sub(rf"['\u2019_{_SPACES}]", "", written).replace(",", ".")
    return plain + decimals.replace(",", ".") if decimals and "." not in plain else plain


def _is_grouped(written: str, mark: str) -> bool:
    return re.fullmatch(rf"\d{{1,3}}(?:{re.escape(mark)}\d{{2,3}})+", written) is not None


def _is_minus(text: str, found: re.Match[str]) -> bool:
    """A dash after a letter, a digit or a bracket's end joins or subtracts."""
    if found["sign"] in ("", "+"):
        return False
    before = text[found.start() - 1 : found.start()]
    return not (before.isalnum() or (before in (")", "]", "%") and before))
