r"""References to partials in a text: `{{> slug}}`, `{{> slug@label}}`, `{{> slug@7}}`; `\{{> slug}}` is none.

Backslashes before one are read as before a variable (`rendering.placeholders`): `\\{{> slug}}` is one, and a partial.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from templates_app.content import Engine

SLUG: Final = r"[a-z0-9]+(?:-[a-z0-9]+)*"
"""What a template's slug may be, up to `LONGEST_SLUG` characters."""
LONGEST_SLUG: Final = 100
_OPENING: Final = re.compile(r"\\*\{\{")
# Linear: each part is bounded, and the slug here may be anything that somebody could have meant by one.
_PLACE: Final = re.compile(
    r"(?<!\\)(?P<slashes>\\*)\{\{>[ \t]{0,20}"
    r"(?P<slug>[A-Za-z0-9_-]{1,100})(?:@(?P<at>[A-Za-z0-9_-]{1,50}))?[ \t]{0,20}\}\}"
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
    """One place of the text; `reference` is None for an escaped one, which begins at its last backslash."""

    reference: Reference | None
    start: int
    end: int
    slashes: int = 0
    """Pairs of backslashes before it."""


def places(text: str) -> Iterator[Place]:
    """Every place of `text`, from its start."""
    for found in _PLACE.finditer(text):
        start, slashes = found.end("slashes"), len(found["slashes"])
        if slashes % 2:
            yield Place(None, start - 1, found.end(), slashes // 2)
        else:
            yield Place(Reference(found["slug"], found["at"] or ""), start, found.end(), slashes // 2)


def references_in(*texts: str) -> list[Reference]:
    """The references of these texts, each once, in the order of their first use."""
    return list(dict.fromkeys(place.reference for text in texts for place in places(text) if place.reference))


def is_plain_text(*texts: str) -> bool:
    """Whether there is no place in these texts, escaped ones included."""
    return not any("{{>" in text for text in texts)


def replaced(
    text: str, inserted: Callable[[Reference], str | None], *, engine: Engine, keeps_escapes: bool = False
) -> str:
    """`text` with each reference's text in its place, in which nothing is looked for; None leaves the reference.

    An escaped one is left to the plain engine, which knows the escape; Jinja2, which does not, is given it as raw text
    unless it `keeps_escapes`, as a template does that is to be saved.
    """
    parts: list[str] = []
    at = 0
    for place in places(text):
        told = inserted(place.reference) if place.reference is not None else None
        if place.reference is None and engine == Engine.JINJA2 and not keeps_escapes:
            told = f"{{% raw %}}{text[place.start + 1 : place.end]}{{% endraw %}}"
        if told is not None:
            for part in (text[at : place.start - place.slashes], told):
                if engine == Engine.PLAIN and _OPENING.match(part):
                    _double_slashes(parts)
                parts.append(part)
            at = place.end
    if engine == Engine.PLAIN and _OPENING.match(text, at):
        _double_slashes(parts)
    return "".join((*parts, text[at:]))


def _double_slashes(parts: list[str]) -> None:
    """Two for each backslash that ends these: what comes next would take away what they mean."""
    for position, part in reversed(list(enumerate(parts))):
        slashes = len(part) - len(part.rstrip("\\"))
        parts[position] = part + "\\" * slashes
        if slashes < len(part):
            return


def without(text: str, *, engine: Engine) -> str:
    """`text` as its engine may read it before anything is inserted."""
    return replaced(text, lambda reference: "", engine=engine)
