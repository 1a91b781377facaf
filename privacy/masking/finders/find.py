"""A place in a text that a rule has found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple


class Find(NamedTuple):
    """`text[start:end]`, and what it is: the word that its placeholder begins with."""

    start: int
    end: int
    kind: str


Finder = Callable[[str], Iterable[Find]]


def apart(finds: Iterable[Find]) -> Iterator[Find]:
    """In the order of the text, none within another: of two that overlap the one that begins first, then the longer."""
    end = 0
    for find in sorted(finds, key=lambda each: (each.start, -each.end)):
        if find.start >= end:
            yield find
            end = find.end
