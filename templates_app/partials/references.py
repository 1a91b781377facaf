r"""References to partials in a text: `{{> slug}}`, `{{> slug@label}}`, `{{> slug@7}}`; `\{{> slug}}` is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from templates_app.content import Engine

SLUG: Final = r"[a-z0-9]+(?:-[a-z0-9]+)*"
"""What a template's slug may be, up to `LONGEST_SLUG` characters."""
LONGEST_SLUG: Final = 100
# Linear: each part is bounded, and the slug here may be anything that somebody could have meant by one.
_PLACE: Final = re.compile(
    r"\{\{>[ \t]{0,20}(?P<slug>[A-Za-z0-9_-]{1,100})(?:@(?P<at>[A-Za-z0-9_-]{1,50}))?[ \t]{0,20}\}\}"
)


class Reference(NamedTuple):
    """A partial as a text names it; `at` is a label or a version's number, empty for the newest."""

    slug: str
    at: str

    def __str__(self) -> str:
        return f"{self.slug}@{self.at}" if self.at else self.slug

    @property
    def number(self) -> int | None:
        """The version that it is pinned to."""
        return int(self.at) if self.at.isascii() and self.at.isdigit() and len(self.at) < 10 else None


class Place(NamedTuple):
    """One place of the text; `reference` is None for an escaped one, which begins at its backslash."""

    reference: Reference | None
    start: int
    end: int


def places(text: str) -> Iterator[Place]:
    """Every place of `text`, from its start."""
    for found in _PLACE.finditer(text):
        start = found.start()
        before = start - len(text[:start].rstrip("\\")) if text[start - 1 : start] == "\\" else 0
        if before % 2:
            yield Place(None, start - 1, found.end())
        else:
            yield Place(Reference(found["slug"], found["at"] or ""), start, found.end())


def references_in(*texts: str) -> list[Reference]:
    """The references of these texts, each once, in the order of their first use."""
    return list(dict.fromkeys(place.reference for text in texts for place in places(text) if place.reference))


def is_plain_text(*texts: str) -> bool:
    """Whether there is no place in these texts, escaped ones included."""
    return not any("{{>" in text for text in texts)


def replaced(text: str, inserted: Callable[[Reference], str | None], *, engine: Engine) -> str:
    """`text` with each reference's text in its place, in which nothing is looked for; None leaves the reference.

    An escaped one is left to the plain engine, which knows the escape; Jinja2, which does not, is given it as raw text.
    """
    parts: list[str] = []
    at = 0
    for place in places(text):
        written = text[place.start : place.end]
        if place.reference is not None:
            told = inserted(place.reference)
            written = written if told is None else told
        elif engine == Engine.JINJA2:
            written = f"{{% raw %}}{written[1:]}{{% endraw %}}"
        parts += (text[at : place.start], written)
        at = place.end
    return "".join((*parts, text[at:]))


def without(text: str, *, engine: Engine) -> str:
    """`text` as its engine may read it before anything is inserted."""
    return replaced(text, lambda reference: "", engine=engine)
