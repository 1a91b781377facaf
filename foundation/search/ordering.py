"""Names in the order in which people look for them, in SQL and in Python alike.

As the root collation of the CLDR has it for what names are made of (UTS 35, UTS 10): spaces, punctuation, symbols,
digits, letters; accents and capitals decide only between names that are equal without them. Numbers go by their value,
so that v2 comes before v10. PostgreSQL's ICU collations are not asked: the embedded one is built without ICU.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from django.db.models import CharField, Expression, F, Func, Value
from django.db.models.expressions import OrderBy
from django.db.models.functions import Cast, Collate, Lower

_ASCII: Final = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$"
"""In the order of the collation; each becomes a character before the digits."""
_FROM: Final = _ASCII + "øłđðħŧ\u03c2\u0131"
_TO: Final = "".join(map(chr, range(1, len(_ASCII) + 1))) + "olddht\u03c3i"
_LONGER: Final = (("ß", "ss"), ("æ", "ae"), ("œ", "oe"), ("þ", "th"))
_MARKS: Final = "[\u0300-\u036f\u3099\u309a\ufe00-\ufe0f\u200d]+"
_SYMBOLS: Final = "([\u00a1-\u00bf\u00d7\u00f7\u2010-\u2bff\u3001-\u303f\U0001f000-\U0001faff])"
_BEFORE_DIGITS: Final = '"'
_DIGITS: Final = 20
"""Of a number; a longer one goes by its last."""
_ZEROS: Final = "0" * _DIGITS
_PLACES: Final = f"[0-9]*([0-9]{{{_DIGITS}}})"


def by_name(field: str = "name", *, key: str = "") -> tuple[OrderBy, OrderBy, OrderBy]:
    """What `order_by` takes for the names in `field`; small letters come before capitals.

    `key`: the column that keeps the `name_key`, where there are too many rows to make it for each list.
    """
    first = F(key) if key else name_key(field)
    small = Lower(_Normalized(F(field), template="normalize(%(expressions)s, NFC)"))
    return Collate(first, "C").asc(), Collate(small, "C").asc(), Collate(F(field), "C").desc()


def name_order(name: str) -> tuple[str, str, str]:
    """The same as a key for `sorted`."""
    key = re.sub(_MARKS, "", unicodedata.normalize("NFKD", name).lower())
    for letter, letters in _LONGER:
        key = key.replace(letter, letters)
    key = re.sub(_SYMBOLS, rf"{_BEFORE_DIGITS}\1", key.translate(str.maketrans(_FROM, _TO)))
    key = re.sub(_PLACES, r"\1", re.sub("([0-9]+)", rf"{_ZEROS}\1", key))
    return key, unicodedata.normalize("NFC", name).lower(), name.swapcase()


class _Normalized(Func):
    function = "normalize"
    output_field = CharField()


def name_key(field: str) -> Expression:
    """What names are compared by first, to be collated by bytes.

    Columns keep it: a change here needs migrations that make them anew.
    """
    key: Expression = Lower(_Normalized(F(field), template="normalize(%(expressions)s, NFKD)"))
    key = _replaced(key, _MARKS, "")
    for letter, letters in _LONGER:
        key = _call("replace", key, letter, letters)
    key = _replaced(_call("translate", key, _FROM, _TO), _SYMBOLS, rf"{_BEFORE_DIGITS}\1")
    return _replaced(_replaced(key, "([0-9]+)", rf"{_ZEROS}\1"), _PLACES, r"\1")


def _replaced(text: Expression, pattern: str, by: str) -> Expression:
    return _call("regexp_replace", text, pattern, by, "g")


def _call(function: str, text: Expression, *arguments: str) -> Expression:
    told = (Cast(Value(each), CharField()) for each in arguments)
    return Func(text, *told, function=function, output_field=CharField())
