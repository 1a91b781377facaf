"""What of a word stands in the index: its pieces, their English stems, and which of them are neighbours."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise

from django.db import connection

from foundation.search.cutting import Word, humps, is_single, words

Stems = Mapping[str, str]
"""English stems of pieces; what is its own stem is left out."""
_STEMS = "SELECT word, (ts_lexize('pg_catalog.english_stem', word))[1] FROM unnest(%s::text[]) AS word"


def stems_of(cut: Collection[Word]) -> Stems:
    """What PostgreSQL takes for the pieces' stems. It is sent each once, without an order."""
    pieces = {bare(piece) for word in cut for piece in word}
    pieces.update(together(word) for word in cut if len(word) > 1)
    english = sorted(each for each in pieces if len(each) > 2 and each.isascii() and each.isalpha())
    if not english:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_STEMS, [english])
        return {word: stem for word, stem in cursor.fetchall() if stem and stem != word}


def terms(cut: Collection[Word], stems: Stems) -> Iterator[str]:
    """What a text of these words is found by: every piece, then every row of neighbours in a word."""
    for word in cut:
        for piece in word:
            yield stems.get(piece, piece)
            if bare(piece) != piece:
                yield stems.get(bare(piece), bare(piece))
    for word in cut:
        if len(word) > 1:
            yield from _pairs(word, stems)
            yield from _threes(word, stems)
            if squeezed := together(word):
                yield stems.get(squeezed, squeezed)


def asked(word: Word, stems: Stems) -> list[str]:
    """The terms that a text has which holds `word`: its widest rows of neighbours."""
    if len(word) == 1:
        return [stems.get(word[0], word[0])]
    rows = list(_threes(word, stems)) if not any(map(is_single, word)) else []
    return rows or list(_pairs(word, stems))


def together(word: Word) -> str:
    """A joined word written as one, such as nodejs for node.js; empty where nobody would."""
    return "" if len(word) > 4 or any(map(is_single, word)) else "".join(word)


def words_of(text: str) -> list[Word]:
    """Its words, and the parts of those with capitals inside."""
    return [*words(text), *((part,) for part in sorted(humps(text)))]


def bare(piece: str) -> str:
    """The piece without the signs at its end: c of c++."""
    return piece.rstrip("+#") or piece


def _pairs(word: Word, stems: Stems) -> Iterator[str]:
    told = [stems.get(piece, piece) for piece in word]
    return (f"{first}.{second}" for first, second in pairwise(told))


def _threes(word: Word, stems: Stems) -> Iterator[str]:
    """Of scripts without spaces there are none: pairs tell enough there, and threes would be too many."""
    told = [stems.get(piece, piece) for piece in word]
    for at, row in enumerate(zip(told, told[1:], told[2:], strict=False)):
        if not any(map(is_single, word[at : at + 3])):
            yield ".".join(row)
