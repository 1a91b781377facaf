"""What tests of importers share: files of values, the same with members of other types, and whether drafts hold."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from foundation.problems import Problem
from templates_app.bodies import content_of
from templates_app.content import Content, Engine, Variable
from templates_app.exchange.entries import TemplateEntry
from templates_app.exchange.formats.format import Choices, Draft, Drafts, Format
from templates_app.exchange.source import Source
from templates_app.rendering.placeholders import names_in

OTHERS: list[Any] = [
    None,
    True,
    0,
    -1.5,
    "",
    "x",
    " ",
    "{{",
    "file://x",
    [],
    [1],
    [None],
    ["a"],
    [{}],
    {},
    {"a": 1},
    {"role": []},
]


def source(value: Any, name: str = "file.json") -> Source:
    """A file of these values; a text is the file itself."""
    return Source(value.encode() if isinstance(value, str) else json.dumps(value).encode(), name)


def read(format_: Format, value: Any, name: str = "file.json", choices: Choices | None = None) -> Drafts:
    """What the file holds; it is recognised as of that format."""
    made = source(value, name)
    assert format_.recognises(made)
    drafts = format_.read(made, choices or Choices())
    for draft in drafts.templates:
        assert faults(draft) == {}, draft.entry
    return drafts


def read_one(format_: Format, value: Any, name: str = "file.json") -> tuple[dict[str, Any], list[str]]:
    """The only version of the only template, and the notes on it."""
    (draft,) = read(format_, value, name).templates
    (version,) = draft.entry["versions"]
    return version, draft.notes


def places(problem: Problem) -> list[str]:
    """Where the problem is."""
    return [each["field"] for each in problem.errors]


def faults(draft: Draft) -> dict[str, Any]:
    """What an import would find wrong with the draft, after it has filled in what may be left out."""
    versions = [{"number": at + 1, **version} for at, version in enumerate(draft.entry["versions"])]
    entry = TemplateEntry(data={"category": "General", **draft.entry, "versions": versions})
    if not entry.is_valid():
        return dict(entry.errors)
    for version in entry.validated_data["versions"]:
        try:
            content_of(version, used=_used)
        except Problem as problem:
            return {"versions": problem.errors}
    return {}


def _used(content: Content) -> list[Variable]:
    names = names_in(*(text for _, text in content.texts)) if content.engine == Engine.PLAIN else []
    return [Variable(name) for name in names]


def _places_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _places_in(inner, (*path, name))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _places_in(inner, (*path, at))


@st.composite
def mangled(draw: st.DrawFn, samples: list[Any]) -> Any:
    """One of the samples with up to three members replaced by something else, or left out."""
    value = copy.deepcopy(draw(st.sampled_from(samples)))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(list(_places_in(value))))
        other = copy.deepcopy(draw(st.sampled_from(OTHERS)))
        if not path:
            return other
        inner = value
        for step in path[:-1]:
            inner = inner[step]
        if draw(st.booleans()) or isinstance(inner, list):
            inner[path[-1]] = other
        else:
            del inner[path[-1]]
    return value


def reads_or_refuses(format_: Format, value: Any, name: str = "file.json") -> None:
    """Whatever the file holds: drafts that an import can take, or a problem with a place."""
    made = source(json.dumps(value), name)
    assert format_.recognises(made) in (True, False)
    drafts: Drafts | None = None
    with contextlib.suppress(Problem):
        drafts = format_.read(made, Choices())
    for draft in drafts.templates if drafts else ():
        assert faults(draft) == {}, draft.entry
        assert all(isinstance(each, str) and each for each in draft.notes)
