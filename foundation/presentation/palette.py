"""What the palette finds by the words that somebody types: pages, acts and things. Each app tells its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse

from foundation.search.folding import fold

PAGES: Final = "Pages"
ACTS: Final = "Actions"
MOST_OF_A_KIND: Final = 6
READ: Final = 2_000
"""Names of things of a kind, the last used ones, that are looked through."""
LONGEST: Final = 200
"""Of what is typed; the rest is left out."""
_ELSEWHERE: Final = 4
"""The rank of a thing that was found by something else than its name."""


@dataclass(frozen=True, slots=True)
class Found:
    """One line of the palette: where it leads, and what is said of it."""

    kind: str
    text: str
    href: str
    note: str = ""
    keys: str = ""
    """The keys that lead there without the palette."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page, or an act that begins on one, that is always there for those who `may`."""

    text: str
    url_name: str
    also: str = ""
    """Other words that people have for it."""
    keys: str = ""
    may: Callable[[Any], bool] = lambda user: True
    kind: str = PAGES
    about: str = ""
    """What one does there, in a sentence."""
    is_setting: bool = False
    """Whether it is for setting or seeing to something, and so stands on `/settings` and in the menu of the account."""


Source = Callable[[Any, str], Iterable[Found]]
"""What of its own a user may see by these words; without words what they used last."""
_sources: list[Source] = []
_pages: list[Page] = []


def found_by(source: Source) -> Source:
    """Asks this source too from now on."""
    _sources.append(source)
    return source


def has_pages(*pages: Page) -> None:
    """Has these found."""

    _pages.extend(pages)

    def source(user: Any, words: str) -> Iterator[Found]:
        for page in pages:
            if page.may(user) and rank(f"{page.text} {page.also}", words) is not None:
                yield Found(page.kind, page.text, reverse(page.url_name), page.about, page.keys)

    found_by(source)


def settings_for(user: Any) -> list[Page]:
    """The pages on which this user sets something, in the order in which they were told."""
    return [page for page in _pages if page.is_setting and page.may(user)]


def look(user: Any, words: str) -> list[tuple[str, Sequence[Found]]]:
    """What there is by kinds, the kind with the best line first, and in each the best lines."""
    words = words.strip()[:LONGEST]
    kinds: dict[str, list[tuple[int, int, Found]]] = {}
    for source in _sources:
        for each in source(user, words):
            at = rank(each.text, words) if words else int(each.kind == PAGES and not each.keys)
            lines = kinds.setdefault(each.kind, [])
            lines.append((_ELSEWHERE if at is None else at, len(lines), each))
    ordered = {kind: sorted(lines, key=lambda line: line[:2])[:MOST_OF_A_KIND] for kind, lines in kinds.items()}
    # Kinds of one rank stay as they were told.
    by_best = sorted(ordered, key=lambda kind: ordered[kind][0][0])
    return [(kind, [each for *_, each in ordered[kind]]) for kind in by_best]


def rank(text: str, words: str) -> int | None:
    """How well a text meets all words: 0 as it begins, 1 as its words begin, 2 somewhere; None where one is missing."""
    held, wanted = fold(text), fold(words).split()
    if held.startswith(" ".join(wanted)):
        return 0
    parts = held.split()
    if all(any(part.startswith(each) for part in parts) for each in wanted):
        return 1
    return 2 if all(each in held for each in wanted) else None


def named(kind: str, rows: Iterable[tuple[Any, str]], words: str, url_name: str, *, note: str = "") -> Iterator[Found]:
    """Of things by id and name, the last used first, those whose name meets the words."""
    for id_, name in rows:
        if rank(name, words) is not None:
            yield Found(kind, name, reverse(url_name, args=[id_]), note)
