r"""The places of variables in a text: `{{name}}`, white space tolerated; `\{{` stands for `{{` itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

NAME: Final = r"[A-Za-z_][A-Za-z0-9_]{0,63}"
LONGEST_NAME: Final = 64
# Linear: each alternative is bounded, and nothing is tried twice at one place.
_PLACE: Final = re.compile(r"\\\{\{|\{\{[ \t\r\n]{0,20}(?P<name>" + NAME + r")[ \t\r\n]{0,20}\}\}")


class Placeholder(NamedTuple):
    """One place of the text; `name` is empty for an escaped `\\{{`."""

    name: str
    start: int
    end: int


def placeholders(text: str) -> Iterator[Placeholder]:
    """Every place of `text`, from its start."""
    for found in _PLACE.finditer(text):
        yield Placeholder(found["name"] or "", found.start(), found.end())


def names_in(*texts: str) -> list[str]:
    """The variables used, each once, in the order of their first use."""
    return list(dict.fromkeys(place.name for text in texts for place in placeholders(text) if place.name))
