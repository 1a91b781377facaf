"""The way from one text to another: by lines, and within the lines that differ by words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from templates_app.versions.matching import Matcher
from templates_app.versions.words import words_of


class Piece(NamedTuple):
    """A stretch of text that stayed (`equal`), came (`insert`) or went (`delete`)."""

    op: str
    text: str


def words_changed(old: str, new: str) -> list[Piece]:
    """The way from `old` to `new`: what is equal or went is the old text, what is equal or came the new one.

    A variable is one word. Texts of any length take bounded time; where too much differs, stretches are told whole.
    """
    if old == new:
        return [Piece("equal", old)] if old else []
    return list(_joined(_by_line(old.splitlines(keepends=True), new.splitlines(keepends=True))))


def _by_line(old: list[str], new: list[str]) -> Iterator[Piece]:
    matcher = Matcher()
    for is_equal, (first, last, start, end) in matcher.blocks(old, new):
        if is_equal:
            yield Piece("equal", "".join(old[first:last]))
        else:
            yield from _by_word("".join(old[first:last]), "".join(new[start:end]), matcher)


def _by_word(old: str, new: str, matcher: Matcher) -> Iterator[Piece]:
    if not old or not new:
        yield from (Piece("delete", old), Piece("insert", new))
        return
    before, after = words_of(old), words_of(new)
    for is_equal, (first, last, start, end) in matcher.blocks(before, after):
        if is_equal:
            yield Piece("equal", "".join(before[first:last]))
        else:
            yield Piece("delete", "".join(before[first:last]))
            yield Piece("insert", "".join(after[start:end]))


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Pieces of one kind that follow each other in one; of a changed place, what went stands first."""
    waiting = {"equal": "", "delete": "", "insert": ""}
    for op, text in pieces:
        if not text:
            continue
        ended = ("delete", "insert") if op == "equal" else ("equal",)
        yield from (Piece(each, waiting[each]) for each in ended if waiting[each])
        waiting |= dict.fromkeys(ended, "")
        waiting[op] += text
    yield from (Piece(op, text) for op, text in waiting.items() if text)
