"""What the frameworks say of a field that does not hold, as a person would: with the field's name and what it takes.

Django and REST framework speak of "this value" and "this field", and leave the reader to find which. Their sentences
are told anew where errors of fields are listed (`foundation.problems.field_errors`); what the product says itself, and
every code, stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from foundation.words import number

UPPER: Final = {"id": "ID", "url": "URL", "uuid": "UUID", "json": "JSON", "api": "API", "ip": "IP"}
_NUMBER: Final = r"(-?[\d.]+(?:[eE][+-]?\d+)?)"
_ENSURE_HAS: Final = r"Ensure this (?:field|value) has"
_IT_HAS: Final = r"(?: \(it has \d+\))?"
_LONG: Final = re.compile(r"(?<![\w.-])\d{4,}(?![\w.-]*\d)")
"""Whole numbers that are read by their thousands."""
_AN_ID: Final = "0198f1c2-0000-7000-8000-000000000000"
_A_TIME: Final = "2026-01-31T12:00:00Z"
_ONE_OF: Final = (
    "cannot be \N{LEFT DOUBLE QUOTATION MARK}\\1\N{RIGHT DOUBLE QUOTATION MARK}: choose one that is offered"
)

Said = str | Callable[[re.Match[str]], str]


def _counted(how_many: str, one: str, many: str = "", after: str = "") -> Callable[[re.Match[str]], str]:
    def said(found: re.Match[str]) -> str:
        return f"must have {how_many} {found[1]} {one if found[1] == '1' else many or f'{one}s'}{after}"

    return said


_PATTERNS: Final[tuple[tuple[str, Said], ...]] = (
    (r"This ((?:must|is not) .*)\.", r"\1"),
    (r"This field is required\.|No file was submitted\.", "is required"),
    (r"This field (?:may not|cannot) be null\.", "must have a value"),
    (r"This field (?:may not|cannot) be blank\.|The submitted file is empty\.", "must not be empty"),
    (rf"Ensure this value is between {_NUMBER} and {_NUMBER}\.", r"must be between \1 and \2"),
    (rf"Ensure this value is less than or equal to {_NUMBER}\.", r"must be at most \1"),
    (rf"Ensure this value is greater than or equal to {_NUMBER}\.", r"must be at least \1"),
    (rf"Ensure this value is a multiple of step size {_NUMBER}.*", r"must be a multiple of \1"),
    (rf"{_ENSURE_HAS} (?:no more than|at most) (\d+) characters?{_IT_HAS}\.", _counted("at most", "character")),
    (rf"{_ENSURE_HAS} at least (\d+) characters?{_IT_HAS}\.", _counted("at least", "character")),
    (rf"{_ENSURE_HAS} no more than (\d+) (?:elements?|items?)\.", _counted("at most", "entry", "entries")),
    (rf"{_ENSURE_HAS} at least (\d+) (?:elements?|items?)\.", _counted("at least", "entry", "entries")),
    (r"This (?:list|selection|dictionary) may not be empty\.", "must have at least one entry"),
    (r"Ensure that there are no more than (\d+) digits? in total\.", _counted("at most", "digit")),
    (r"Ensure that there are no more than (\d+) decimal places?\.", _counted("at most", "decimal place")),
    (
        r"Ensure that there are no more than (\d+) digits? before the decimal point\.",
        _counted("at most", "digit", after=" before the decimal point"),
    ),
    (r"A valid integer is required\.|Enter a whole number\.", "must be a whole number"),
    (r"A valid number is required\.|Enter a number\.", "must be a number"),
    (r"String value too large\.|Integer value too large.*", "is too large a number"),
    (r"Must be a valid boolean\.", "must be true or false"),
    (r"Not a valid string\.", "must be text"),
    (r"Null characters are not allowed\.", "must not have null characters"),
    (r"Must be a valid UUID\.|\S+ is not a valid UUID\.", f"must be an ID, such as {_AN_ID}"),
    (r"Expected a list of items but got type .*|Not a valid list\.", "must be a list"),
    (r"Expected a dictionary of items but got type .*", "must be an object"),
    (r"Invalid data\. Expected a dictionary, but got .*", "must be an object"),
    (r"Value must be valid JSON\.|Enter a valid JSON\.", "must be JSON"),
    (r'".*" is not a valid choice of (.*)\.', r"must be one of \1"),
    (r'"(.*)" is not a valid choice\.', _ONE_OF),
    (r"Select a valid choice\. (.*) is not one of the available choices\.", _ONE_OF),
    (r"Enter a valid URL\.", "must be an address that begins with https:// or http://"),
    (r"Enter a valid email address\.", "must be an e-mail address, such as name@example.org"),
    (r"Datetime has wrong format\..*|Enter a valid date/time\.", f"must be a date and time, such as {_A_TIME}"),
    (r"Expected a date but got a datetime\.", "must be a date alone, such as 2026-01-31"),
    (r"Expected a datetime but got a date\.", f"must have a time, too, such as {_A_TIME}"),
    (r"Date has wrong format\..*|Enter a valid date\.", "must be a date, such as 2026-01-31"),
    (r"Time has wrong format\..*|Enter a valid time\.", "must be a time of day, such as 08:30"),
    (r"Duration has wrong format\..*|Enter a valid duration\.", "must be a duration, such as 01:30:00"),
    (r"Enter a valid IPv4 or IPv6 address\.", "must be an IP address, such as 192.0.2.1"),
    (r"Enter a valid .slug. consisting of .*", "must be letters, digits, hyphens and underscores"),
    (r"This value does not match the required pattern\.|Enter a valid value\.", "is not written as it has to be"),
    (r"This field must be unique\.", "is taken: choose another"),
    (r'Invalid pk ".*" - object does not exist\.|Object with \S+ does not exist\.', "does not exist"),
)
_SENTENCES: Final = tuple((re.compile(pattern, re.DOTALL), said) for pattern, said in _PATTERNS)


def plain(message: str, field: str) -> str:
    """The sentence for a person; one that is not of the frameworks as it is. `field` is a dotted path."""
    for pattern, said in _SENTENCES:
        if found := pattern.fullmatch(message):
            told = found.expand(said) if isinstance(said, str) else said(found)
            told = _LONG.sub(lambda figure: number(int(figure[0])), told) if "Ensure" in message else told
            return f"{name_of(field)} {told}."
    return message


def name_of(field: str) -> str:
    """A field as its label has it: `Top p` of `parameters.top_p`, `Tags, entry 3` of `tags.2`."""
    *above, last = field.split(".")
    if last.isdecimal():
        return f"{name_of('.'.join(above))}, entry {int(last) + 1}" if above else f"Entry {int(last) + 1}"
    words = last.removesuffix("_id").replace("_", " ").split()
    if not words:
        return "This"
    told = " ".join(UPPER.get(word.lower(), word) for word in words)
    return told[0].upper() + told[1:]
