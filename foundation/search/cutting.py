"""The one way to cut words: what is indexed and what is searched for are cut alike.

A *word* is what stands between spaces and punctuation, as a sequence of *pieces*: `gpt-4.1` is gpt, 4, 1, and so are
cut `and/or`, `user@example.org`, `2024-01-15`. In scripts without spaces each character is a piece, and so is each
emoji or other symbol: a part of 日本語 is then a row of neighbouring pieces, as 4.1 is one of gpt-4.1.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from foundation.search.folding import fold

Word = tuple[str, ...]
"""A word's pieces, in their order."""
LONGEST_PIECE: Final = 64
JOINERS: Final = frozenset("./-_@:'+&#\\·")
"""What holds pieces together when it stands alone between them."""
PLAIN_SYMBOLS: Final = "$<>=|~^"
"""Words of their own; in a search they count only when nothing else is asked for."""


def _ranges(is_meant: Callable[[str], bool], codes: Iterable[int]) -> str:
    """The characters that are meant, as ranges of a regular expression's class."""
    found: list[list[int]] = []
    for code in codes:
        if is_meant(chr(code)):
            if found and found[-1][1] == code - 1:
                found[-1][1] = code
            else:
                found.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in found)


_UNSPACED: Final = (
    "\u0e00-\u0fff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u1950-\u19df\u1a20-\u1aad\u2e80-\u2fdf\u3005-\u3007"
    "\u3021-\u3029\u3031-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uaa60-\uaa7f\uac00-\ud7ff\uf900-\ufaff"
    "\U0001b000-\U0001b2ff\U00020000-\U0003ffff"
)
"""Thai, Lao, Tibetan, Burmese, Khmer, Han, kana, bopomofo; and Hangul, whose words carry their particles."""
_IS_UNSPACED: Final = re.compile(f"[{_UNSPACED}]").match
_BEYOND_ASCII: Final = range(0x80, 0x1F000)
_SYMBOLS: Final = _ranges(lambda each: unicodedata.category(each)[0] == "S", _BEYOND_ASCII) + "\U0001f000-\U0001faff"
"""Of which all of the last are emoji, those too that Python does not know yet."""
_LETTERS: Final = "0-9a-z" + _ranges(
    lambda each: unicodedata.category(each)[0] in "LMN" and not _IS_UNSPACED(each), _BEYOND_ASCII
)
_PIECE: Final = re.compile(f"[{_LETTERS}]+[+#]{{0,2}}|[{_UNSPACED}{_SYMBOLS}{PLAIN_SYMBOLS}]")
_SINGLE: Final = re.compile(f"[{_UNSPACED}{_SYMBOLS}]")
_HUMPED: Final = re.compile(r"(?<![A-Za-z])[A-Za-z]*[a-z][A-Z][A-Za-z]*")
_HUMP: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def words(text: str) -> Iterator[Word]:
    """Each word of the text, in its order; of a text that is only punctuation, its characters."""
    return cut(fold(text))


def cut(folded: str) -> Iterator[Word]:
    """The same of a text that is folded already."""
    word: list[str] = []
    before = 0
    for match in _PIECE.finditer(folded):
        piece, at = match[0], match.start()
        gap = at - before
        is_joined = piece not in PLAIN_SYMBOLS and (gap == 0 or (gap == 1 and folded[before] in JOINERS))
        if word and not (is_joined and word[-1] not in PLAIN_SYMBOLS):
            yield tuple(word)
            word = []
        word.append(piece[:LONGEST_PIECE])
        before = match.end()
    if word:
        yield tuple(word)
    elif not before:
        yield from ((each,) for each in folded if not each.isspace())


def searched(text: str, *, most: int) -> list[Word]:
    """The words that a search asks for, each once."""
    asked = dict.fromkeys(words(text))
    telling = [word for word in asked if word[0] not in PLAIN_SYMBOLS]
    return (telling or list(asked))[:most]


def is_single(piece: str) -> bool:
    """Whether it is a character that stands for itself: of a script without spaces, or a symbol."""
    return _SINGLE.match(piece) is not None


def humps(text: str) -> set[str]:
    """The parts of names such as customerName and ChatGPT, which are one word."""
    return {fold(part) for name in _HUMPED.findall(text) for part in _HUMP.findall(name)}
