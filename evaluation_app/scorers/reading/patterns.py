"""Patterns of users for RE2: what is wrong with one, and where.

RE2 (https://github.com/google/re2/wiki/Syntax) says what it did not like, but not at which character.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from evaluation_app.scorers.reading.normal_form import normal
from templates_app.variables.patterns import InvalidPattern, compile_safely

_GROUPS: Final = {
    "(?=": "look-ahead",
    "(?!": "look-ahead",
    "(?<=": "look-behind",
    "(?<!": "look-behind",
    "(?>": "an atomic group",
    "(?P=": "a back-reference",
    "(?P>": "recursion",
    "(?R": "recursion",
    "(?&": "recursion",
    "(?(": "a condition",
    "(?|": "a branch reset",
    "(?#": "a comment",
}
_ESCAPES: Final = {"k": "a back-reference", "g": "a back-reference", "K": "\\K", "G": "\\G", "R": "\\R", "X": "\\X"}
_ENDS: Final = {"Z": "\\Z (write \\z)"}
_REPEATING: Final = "*+?"


class BadPattern(ValueError):
    """RE2 does not take the pattern; the text names the character, counted from 1, where one can be named."""


class _Piece(NamedTuple):
    start: int
    text: str
    is_literal: bool = False
    """Within `\\Q…\\E`."""


def compiled(pattern: str, *, case_sensitive: bool) -> Any:
    """The pattern, to be searched for in texts in NFC; raises BadPattern."""
    try:
        compile_safely(pattern)
        return compile_safely(normal(pattern) if case_sensitive else f"(?i){normal(pattern)}")
    except InvalidPattern as error:
        raise BadPattern(_explained(pattern, str(error))) from None


def _explained(pattern: str, told: str) -> str:
    pieces = list(_pieces(pattern))
    for place, piece in enumerate(pieces):
        if name := _unsupported(pieces, place):
            return (
                f"Character {piece.start + 1}: {name} is not supported; patterns are RE2's, which match in linear time."
            )
    position = _position(pattern, pieces, told)
    return told if position is None else f"Character {position + 1}: {told[:1].lower()}{told[1:]}"


def _unsupported(pieces: list[_Piece], place: int) -> str:
    piece = pieces[place]
    if piece.is_literal:
        return ""
    if piece.text[0] == "\\":
        escaped = piece.text[1:2]
        if escaped.isascii() and escaped.isdigit() and escaped != "0":
            return "a back-reference"
        return _ESCAPES.get(escaped) or _ENDS.get(escaped) or ""
    if piece.text[0] == "(":
        return next((name for start, name in _GROUPS.items() if piece.text.startswith(start)), "")
    before = pieces[place - 1] if place else None
    if piece.text == "+" and before is not None and not before.is_literal and before.text[0] in (*_REPEATING, "{"):
        return "a possessive repetition"
    return ""


def _position(pattern: str, pieces: list[_Piece], told: str) -> int | None:
    """Where the part of the pattern stands that RE2 quotes in its message."""
    if "missing )" in told or "unexpected )" in told:
        return _lonely_bracket(pieces)
    quoted = told.removesuffix(".").partition("No RE2 pattern: ")[2].partition(": ")[2]
    if not quoted:
        return len(pattern) - 1 if pattern.endswith("\\") else None
    for piece in pieces:
        inner = piece.text.find(quoted) if piece.text[0] == "[" else -1
        if pattern.startswith(quoted, piece.start):
            return piece.start
        if inner >= 0:
            return piece.start + inner
    return None


def _lonely_bracket(pieces: list[_Piece]) -> int | None:
    opened: list[int] = []
    for piece in pieces:
        if piece.is_literal:
            continue
        if piece.text[0] == "(":
            opened.append(piece.start)
        elif piece.text == ")":
            if not opened:
                return piece.start
            opened.pop()
    return opened[-1] if opened else None


def _pieces(pattern: str) -> Iterator[_Piece]:
    """What belongs together: an escape, a class, the beginning of a group, a repetition, a character."""
    at, end = 0, len(pattern)
    while at < end:
        if pattern.startswith("\\Q", at):
            closing = pattern.find("\\E", at)
            stop = end if closing < 0 else closing + 2
            yield _Piece(at, pattern[at:stop], is_literal=True)
        else:
            stop = _end_of_piece(pattern, at)
            yield _Piece(at, pattern[at:stop])
        at = stop


def _end_of_piece(pattern: str, at: int) -> int:
    match pattern[at]:
        case "\\":
            return at + 2
        case "[":
            return _end_of_class(pattern, at)
        case "(":
            start = next((start for start in _GROUPS if pattern.startswith(start, at)), "(?")
            return at + len(start) if pattern.startswith(start, at) else at + 1
        case "{":
            closing = pattern.find("}", at)
            inner = pattern[at + 1 : closing] if closing > 0 else "?"
            return closing + 1 if inner and set(inner) <= set("0123456789,") else at + 1
        case _:
            return at + 1


def _end_of_class(pattern: str, at: int) -> int:
    here = at + 1
    here += pattern.startswith("^", here)
    here += pattern.startswith("]", here)
    while here < len(pattern) and pattern[here] != "]":
        if pattern[here] == "\\":
            here += 2
        elif pattern.startswith("[:", here) and (closing := pattern.find(":]", here)) > 0:
            here = closing + 2
        else:
            here += 1
    return here + 1
