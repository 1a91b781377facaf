"""A template's text with its variables marked."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

from templates_app.content import Content, Engine
from templates_app.rendering.placeholders import placeholders

_JINJA: Final = re.compile(r"\{\{.{0,500}?\}\}|\{%.{0,500}?%\}|\{#.{0,2000}?#\}", re.DOTALL)


class Stretch(NamedTuple):
    """A part of the text; `mark` is empty, `declared`, `undeclared` or `code`."""

    text: str
    mark: str = ""


def marked(text: str, content: Content) -> list[Stretch]:
    """The whole of `text` in order, each variable (and each piece of Jinja2) a stretch of its own."""
    places = _places(text, content.engine, content.variable_names)
    found: list[Stretch] = []
    at = 0
    for start, end, mark in places:
        found += (Stretch(text[at:start]), Stretch(text[start:end], mark))
        at = end
    found.append(Stretch(text[at:]))
    return [stretch for stretch in found if stretch.text]


def _places(text: str, engine: Engine, declared: Collection[str]) -> Iterator[tuple[int, int, str]]:
    if engine == Engine.JINJA2:
        for found in _JINJA.finditer(text):
            yield found.start(), found.end(), "code" if text[found.start() + 1] != "{" else "declared"
        return
    for place in placeholders(text):
        if place.name:
            yield place.start, place.end, "declared" if place.name in declared else "undeclared"
