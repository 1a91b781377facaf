"""What a template's index holds, as the text of a tsvector.

Of name, category and tags the words stand in it as they are, in their places; of description and texts keyed hashes of
terms, without a place. They cannot be mixed up: words are folded to small letters, a word of category or tags has a
capital T before it, a hash is made of the capitals from A to P.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Final

from foundation.search.cutting import Word
from foundation.search.folding import fold
from templates_app.library.blind import blind
from templates_app.library.terms import Stems, bare, terms, together

MARK: Final = "index 2"
"""Changes when templates have to be indexed anew: its hash stands in every index that need not be."""
TAG: Final = "T"
MOST_DESCRIBED: Final = 10_000
MOST_TERMS: Final = 40_000
"""Of texts. A tsvector holds a megabyte; what comes later in a longer text is not found."""
_BEGINNINGS: Final = range(3, 13)
_LAST_PLACE: Final = 16_000


def open_lexemes(fields: Iterable[Collection[Word]], stems: Stems, *, before: str = "") -> Iterator[str]:
    """Every piece at its place, and beside it its stem and other ways to write it; fields are no neighbours."""
    place = 1
    for field in fields:
        for word in field:
            if place + len(word) > _LAST_PLACE:
                return
            if squeezed := together(word):
                yield _written(before + squeezed, place)
            for piece in word:
                for form in {piece, bare(piece), stems.get(bare(piece), piece)}:
                    yield _written(before + form, place)
                place += 1
        place += 10


def blind_lexemes(*, name: str, described: Collection[Word], texts: Collection[Word], stems: Stems) -> Iterator[str]:
    """Hashes: of the mark, of the whole name, of what stands in the description, of what stands in the texts."""
    yield blind(MARK)
    yield blind(whole(name))
    yield from map(blind, islice(dict.fromkeys(_described(described, stems)), MOST_DESCRIBED))
    yield from map(blind, islice(dict.fromkeys(terms(texts, stems)), MOST_TERMS))


def whole(name: str) -> str:
    """The term of a thing's whole name."""
    return f"name {' '.join(fold(name).split())}"


def of_description(term: str) -> str:
    """The term as one of a description: the same word in a text is not seen to be the same."""
    return f"described {term}"


def beginning(word: Word) -> str:
    """The term of an unfinished word; empty where there is none."""
    return f"{word[0]}*" if len(word) == 1 and len(word[0]) in _BEGINNINGS else ""


def quoted(lexeme: str) -> str:
    """A lexeme as tsvector and tsquery read it."""
    doubled = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"


def _described(described: Collection[Word], stems: Stems) -> Iterator[str]:
    yield from map(of_description, terms(described, stems))
    for word in described:
        for piece in word:
            for length in _BEGINNINGS:
                if length < len(piece):
                    yield of_description(f"{piece[:length]}*")


def _written(lexeme: str, place: int) -> str:
    return f"{quoted(lexeme)}:{place}"
