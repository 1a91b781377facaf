"""A search as tsqueries over the index (`vector`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.contrib.postgres.search import SearchQuery

from foundation.search.cutting import Word, searched
from templates_app.library import former_index
from templates_app.library.blind import blind
from templates_app.library.terms import asked, bare, stems_of, together
from templates_app.library.vector import TAG, beginning, of_description, quoted, whole

MOST_WORDS: Final = 12
MOST_PIECES: Final = 60
"""Of one word; a longer one is found by its first."""


class LexemeQuery(SearchQuery):
    """A tsquery whose lexemes are taken as they are written."""

    template = "%(expressions)s::tsquery"

    def __init__(self, text: str) -> None:
        super().__init__(text)


class Search:
    """What is searched for, cut like what is indexed; at least one word."""

    def __init__(self, text: str) -> None:
        self._words = [word[:MOST_PIECES] for word in searched(text, most=MOST_WORDS)]
        self._stems = stems_of(self._words)
        self._whole = quoted(blind(whole(text)))

    def __bool__(self) -> bool:
        return bool(self._words)

    @property
    def found(self) -> LexemeQuery:
        """Every word is somewhere, or the text is the whole name."""
        return LexemeQuery(f"{self._each(self._named, self._tagged, self._described, self._written)} | {self._whole}")

    @property
    def ranks(self) -> list[LexemeQuery]:
        """What makes a better match than what comes after it."""
        any_named = " | ".join(form for word in self._words for form in self._named(word))
        return [
            LexemeQuery(self._whole),
            LexemeQuery(self._each(self._named_whole)),
            LexemeQuery(self._each(self._named)),
            LexemeQuery(self._each(self._named, self._tagged)),
            LexemeQuery(self._each(self._named, self._tagged, self._described)),
            LexemeQuery(any_named),
        ]

    def _each(self, *places: Any) -> str:
        """Each word in one of these places."""
        anywhere = (" | ".join(form for place in places for form in place(word)) for word in self._words)
        return f"({' & '.join(f'({forms})' for forms in anywhere)})"

    def _named_whole(self, word: Word) -> Iterator[str]:
        yield _row(word)
        if len(word) == 1:
            yield quoted(self._stem(word[0]))

    def _named(self, word: Word) -> Iterator[str]:
        return self._open(word, "")

    def _tagged(self, word: Word) -> Iterator[str]:
        return self._open(word, TAG)

    def _open(self, word: Word, before: str) -> Iterator[str]:
        yield f"{_row(word, before)}:*"
        if len(word) == 1:
            yield quoted(before + self._stem(word[0]))
        elif together(word).isalpha():
            yield f"{quoted(before + together(word))}:*"

    def _described(self, word: Word) -> Iterator[str]:
        yield _all(of_description(term) for term in self._terms(word))
        if unfinished := beginning(word):
            yield quoted(blind(of_description(unfinished)))

    def _written(self, word: Word) -> Iterator[str]:
        yield _all(self._terms(word))
        if len(word) == 1:
            yield quoted(former_index.blind(self._stem(word[0])))
            yield quoted(former_index.blind(f"{word[0]}*"))

    def _terms(self, word: Word) -> list[str]:
        return asked(word, self._stems)

    def _stem(self, piece: str) -> str:
        return self._stems.get(bare(piece), piece)


def _row(word: Word, before: str = "") -> str:
    """The pieces one after the other."""
    return " <-> ".join(quoted(before + piece) for piece in word)


def _all(terms: Iterable[str]) -> str:
    return f"({' & '.join(quoted(blind(term)) for term in terms)})"
