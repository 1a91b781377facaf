"""Names of a list: whole words, in any case, with any space between their parts."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, Final

from privacy.masking.finders.find import Find, Finder
from privacy.masking.finders.patterns import compiled

KIND: Final = "NAME"
_LETTER: Final = re.compile(r"[^\W_]")
_NO_SPACES: Final = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Scripts that put no spaces between words: there a name's neighbours say nothing."""
_SPACE: Final = r"[\s\x{a0}\x{202f}\x{3000}]+"
_PUNCTUATION: Final = re.compile(r"[!-/:-@\[-^`{-~]")
_ENDS: Final = r"(?:$|[^\pL\pN\pM])"


def finder(names: Sequence[str]) -> Finder:
    """What finds any of these names."""
    ending_in_words = [name for name in names if not _NO_SPACES.match(name[-1])]
    others = [name for name in names if _NO_SPACES.match(name[-1])]
    patterns = [_pattern(ending_in_words, _ENDS), _pattern(others, "")]

    def find(text: str) -> Iterator[Find]:
        for pattern in patterns:
            if pattern is not None:
                yield from _found(pattern, text, 0)

    return find


def _found(pattern: Any, text: str, offset: int) -> Iterator[Find]:
    for match in pattern.finditer(text):
        start, end = match.span(1)
        if start and _LETTER.match(text[start - 1]) and not _NO_SPACES.match(text[start]):
            # Within a word; another name may begin within what was found.
            yield from (
                find._replace(start=find.start + offset, end=find.end + offset)
                for find in _found_within(pattern, text, start, match.end())
            )
        else:
            yield Find(start + offset, end + offset, KIND)


def _found_within(pattern: Any, text: str, start: int, end: int) -> Iterator[Find]:
    for at in range(start + 1, end):
        if not _LETTER.match(text[at - 1]):
            match = pattern.match(text[at:end])
            if match:
                yield Find(at, at + match.end(1), KIND)
                return


def _pattern(names: Sequence[str], ending: str) -> Any:
    spellings = {spelling for name in names for spelling in _spellings(name)}
    if not spellings:
        return None
    longest_first = sorted(spellings, key=lambda spelling: (-len(spelling), spelling))
    return compiled(f"({'|'.join(map(_escaped, longest_first))}){ending}", is_case_sensitive=False)


def _spellings(name: str) -> Iterator[str]:
    """Both forms of Unicode, and as JSON writes it."""
    for form in ("NFC", "NFD"):
        spelling = unicodedata.normalize(form, name)
        yield spelling
        yield json.dumps(spelling, ensure_ascii=False)[1:-1]


def _escaped(name: str) -> str:
    return _SPACE.join(_PUNCTUATION.sub(r"\\\g<0>", part) for part in name.split())
