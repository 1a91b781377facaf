r"""The places of variables in a text: `{{name}}`, white space tolerated.

Before two braces a backslash takes away what they mean, and two stand for one: `\{{x}}` is the literal `{{x}}`,
`\\{{x}}` a backslash and a variable, `\\\{{x}}` a backslash and the literal. Elsewhere backslashes mean themselves.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

NAME: Final = r"[^\W\d][^\s\x00-/:-@\[-^`{-\x7f]{0,63}"
"""Whatever could be a name; `name_of` tells whether it is one."""
LONGEST_NAME: Final = 64
# Linear: a run of backslashes is looked at from its beginning only, and each part of a place is bounded.
PLACE: Final = r"(?<!\\)((?:\\\\)*)(?:(\\\{\{)|\{\{[ \t\r\n]{0,20}(" + NAME + r")[ \t\r\n]{0,20}\}\}|(?<=\\)(?=\{\{))"
"""Groups: backslashes that stand for half as many, two braces that open nothing, a name."""
_PLACE: Final = re.compile(PLACE)
_ODD: Final = re.compile(r"[^\w]+")


class Placeholder(NamedTuple):
    """One place of the text; an escape has no name, and leaves `literal` in its place."""

    name: str
    start: int
    end: int
    literal: str = ""


def placeholders(text: str) -> Iterator[Placeholder]:
    """Every place of `text`, from its start. A name is told as `name_of` writes it."""
    for found in _PLACE.finditer(text):
        start, written = found.end(1), found[3]
        name = name_of(written) if written else ""
        literal = found[1][::2] + ("{{" if found[2] else "")
        if literal:
            yield Placeholder("", found.start(), found.end(2) if found[2] else start, literal)
        if name:
            yield Placeholder(name, start, found.end())


def names_in(*texts: str) -> list[str]:
    """The variables used, each once, in the order of their first use."""
    return list(dict.fromkeys(place.name for text in texts for place in placeholders(text) if place.name))


def filled_in(text: str, values: Mapping[str, str]) -> str:
    """The text with each value in the places of its name; names without one stay, and no rule is looked at."""
    pieces, end = [], 0
    for place in placeholders(text):
        told = values.get(place.name) if place.name else place.literal
        if told is not None:
            pieces += [text[end : place.start], told]
            end = place.end
    return "".join([*pieces, text[end:]])


def name_of(written: str) -> str:
    """The name that is written so, empty when it is none: a word of any script that Python would take for a name.

    Ways to write the same characters are one name (NFKC, as Python compares its own names).
    """
    name = written if written.isascii() else unicodedata.normalize("NFKC", written)
    return name if written.isidentifier() and len(name) <= LONGEST_NAME else ""


def name_like(written: str) -> str:
    """A name for what is none: `user_name` for `user-name` or `user name`; empty when nothing is left of it."""
    words = unicodedata.normalize("NFKC", written)
    joined = "_".join(part for part in _ODD.split(words) if part).strip("_")
    joined = joined if not joined[:1].isdigit() else f"_{joined}"
    return name_of(joined[:LONGEST_NAME])
