"""Patterns in RE2's syntax, which take time linear in the text whatever they are and whatever it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, cast

import re2


class Match(Protocol):
    """The part of a match that rules use."""

    @property
    def lastindex(self) -> int | None: ...

    def start(self, group: int | str = 0) -> int: ...
    def end(self, group: int | str = 0) -> int: ...
    def span(self, group: int | str = 0) -> tuple[int, int]: ...
    def group(self, group: int | str = 0) -> Any: ...


class Pattern(Protocol):
    """The part of a compiled pattern that rules use."""

    def search(self, text: str) -> Match | None: ...
    def finditer(self, text: str) -> Iterator[Match]: ...


def pattern(expression: str) -> Pattern:
    """Compiles an expression; RE2 knows no look-around and no back references."""
    return cast(Pattern, re2.compile(expression))


def words(*alternatives: str) -> Pattern:
    """Any of these as whole words, in capitals or not."""
    return pattern(rf"(?i)\b(?:{'|'.join(alternatives)})\b")


def sentence_start(*alternatives: str) -> Pattern:
    """Any of these where a sentence, a line or an item of a list begins; group 1 is the words themselves."""
    return pattern(
        rf"(?im)(?:^[ \t]*(?:[-*•>]|\d{{1,2}}[.)])?[ \t]*|[.!?:;][\"”')]?\s{{1,4}})({'|'.join(alternatives)})\b"
    )
