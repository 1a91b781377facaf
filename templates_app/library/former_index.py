"""How an index was written before (docs/decisions/006): rows that are not indexed anew yet are found by it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from templates_app.library.blind import digest

BEGINNINGS: Final = range(3, 13)
_LETTERS: Final = str.maketrans("0123456789", "ghijklmnop")


def blind(lexeme: str) -> str:
    """A keyed hash of an English stem; of a beginning when it ends with an asterisk."""
    return digest(lexeme)[:20].translate(_LETTERS)


def as_vector(lexemes: Sequence[tuple[str, Sequence[int]]], *, with_beginnings: bool = False) -> str:
    """The stems as a tsvector of keyed hashes, written out; with beginnings they are found unfinished too."""
    places = {blind(lexeme): positions for lexeme, positions in lexemes}
    if with_beginnings:
        for lexeme, positions in lexemes:
            for length in BEGINNINGS:
                if length < len(lexeme):
                    places.setdefault(blind(f"{lexeme[:length]}*"), positions[:1])
    return " ".join(f"{word}:{','.join(map(str, positions[:20]))}" for word, positions in places.items())
