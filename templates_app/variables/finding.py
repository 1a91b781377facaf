"""Variables that were found in the texts, and those that somebody declared.

A variable that was found goes with its last place; what somebody declared, described, typed or gave a default stays. A
version remembers which of its variables were found. Of one that was made before versions did, those count as found
that say nothing but their name and stand in its texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from templates_app.content import Content, Engine, Variable, VariableType
from templates_app.rendering.placeholders import name_of, names_in

_WORD: Final = re.compile(r"\w+")


def found_in(content: Content) -> frozenset[str]:
    """The names of its variables that nobody declared."""
    if content.found is not None:
        return content.found & {*content.variable_names}
    bare = {each.name for each in content.variables if each in (Variable(each.name), _of_place(each.name))}
    if not bare:
        return frozenset()
    texts = [text for _, text in content.texts]
    # Where a word stands is no matter here: what is not even a word of the text was not found in it.
    words = names_in(*texts) if content.engine == Engine.PLAIN else map(name_of, _words(texts))
    return frozenset(bare & {*words, *content.slots})


def _words(texts: Iterable[str]) -> Iterable[str]:
    return (word for text in texts for word in _WORD.findall(text))


def _of_place(name: str) -> Variable:
    return Variable(name, VariableType.MESSAGES)


def places_of(content: Content, used: Iterable[Variable]) -> dict[str, Variable]:
    """A variable for each name of the texts and of the places for messages, as these use it."""
    found = {each.name: each for each in used if each.name not in content.slots}
    return found | {name: _of_place(name) for name in content.slots}


def refound(content: Content, used: Iterable[Variable], *, before: Content | None) -> Content:
    """The content with the variables of its texts; its own are those of `before`, of which the declared ones stay."""
    places = places_of(content, used)
    if before is None:
        variables = (*content.variables, *_others(places, content))
        return replace(content, variables=variables, found=frozenset(places) - {*content.variable_names})
    if (before.texts, before.slots, before.engine) == (content.texts, content.slots, content.engine):
        return replace(content, found=before.found)
    was_found = found_in(before)
    # Callers go by the types of a version, also where nobody looked at how its text uses its names.
    again: Mapping[str, Variable] = places if before.found is not None else {}
    kept = [
        again.get(each.name, each) if each.name in was_found else each
        for each in content.variables
        if each.name not in was_found or each.name in places
    ]
    declared = {each.name for each in kept if each.name not in was_found}
    content = replace(content, variables=tuple(kept))
    return replace(content, variables=(*kept, *_others(places, content)), found=frozenset(places) - declared)


def _others(places: Mapping[str, Variable], content: Content) -> list[Variable]:
    return [each for name, each in places.items() if name not in content.variable_names]


def declared(content: Content, *, before: Content | None = None, found: Iterable[str] = ()) -> Content:
    """The content with variables that somebody sent; those of `found` they did not write themselves.

    Neither did they write what is sent back as it was told before.
    """
    names = {*found}
    if before is not None:
        was_found = found_in(before)
        names |= {each.name for each in content.variables if each.name in was_found and each in before.variables}
    return replace(content, found=frozenset(names & {*content.variable_names}))
