"""A difference as the page shows it: of long stretches that stayed, only what stands next to a change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from foundation.words import counted
from templates_app.versions.text_difference import Piece

LINES: Final = 3
"""Beside a change."""
CHARACTERS: Final = 300
"""Beside a change, where lines are long."""
WORTH_LINES: Final = 4
WORTH_CHARACTERS: Final = 600
"""Less than both is not folded away."""


class Stretch(NamedTuple):
    """A piece, or a part of an equal one that is folded away (`fold`)."""

    op: str
    text: str

    @property
    def told(self) -> str:
        """How much is folded away."""
        lines = self.text.count("\n")
        return f"{counted(lines, 'line')} the same" if lines else f"{counted(len(self.text), 'character')} the same"


def folded(pieces: Sequence[Piece]) -> list[Stretch]:
    """The pieces in order; where nothing changed, all of it is shown."""
    if all(piece.op == "equal" for piece in pieces):
        return [Stretch(*piece) for piece in pieces]
    last = len(pieces) - 1
    return [
        stretch
        for place, piece in enumerate(pieces)
        for stretch in _stretches(piece, is_first=place == 0, is_last=place == last)
        if stretch.text
    ]


def _stretches(piece: Piece, *, is_first: bool, is_last: bool) -> Iterator[Stretch]:
    text = piece.text
    start = 0 if is_first else _head(text)
    end = len(text) if is_last else max(start, _tail(text))
    hidden = text[start:end]
    if piece.op != "equal" or (hidden.count("\n") < WORTH_LINES and len(hidden) < WORTH_CHARACTERS):
        yield Stretch(*piece)
        return
    yield from (Stretch("equal", text[:start]), Stretch("fold", hidden), Stretch("equal", text[end:]))


def _head(text: str) -> int:
    """Where the lines end that follow a change."""
    end = -1
    for _ in range(LINES):
        found = text.find("\n", end + 1, CHARACTERS)
        if found < 0:
            break
        end = found
    else:
        return end + 1
    if len(text) <= CHARACTERS:
        return len(text)
    return _space(text, CHARACTERS) if end < 0 else end + 1


def _tail(text: str) -> int:
    """Where the lines begin that come before a change."""
    lowest = max(0, len(text) - CHARACTERS)
    start = len(text)
    for _ in range(LINES + 1):  # the line of the change is one of them
        found = text.rfind("\n", lowest, start)
        if found < 0:
            break
        start = found
    else:
        return start + 1
    if lowest == 0:
        return 0
    return _space(text, lowest) if start == len(text) else start + 1


def _space(text: str, position: int) -> int:
    """The end of the word there, if it ends soon."""
    found = next((at for at in range(position, min(position + 60, len(text))) if text[at].isspace()), position)
    return min(found + 1, len(text))
