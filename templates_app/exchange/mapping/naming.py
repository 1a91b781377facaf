"""Names for what a file holds: its own where it says one, else the beginning of the text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from templates_app.exchange.formats.format import Draft

LONGEST: Final = 255
LONGEST_BEGINNING: Final = 60
MOST_TAGS: Final = 30
LONGEST_TAG: Final = 100


def name_of(*wanted: Any) -> str:
    """The first of these that is a name: one line, up to 255 characters; empty for none."""
    lines = (" ".join(each.split()) for each in wanted if isinstance(each, str))
    return next((line if len(line) <= LONGEST else line[: LONGEST - 1] + "…" for line in lines if line), "")


def beginning_of(text: str) -> str:
    """The first words of a text, as its name where nothing else is said."""
    line = " ".join(text[:1_000].split())
    if len(line) <= LONGEST_BEGINNING:
        return line
    return line[:LONGEST_BEGINNING].rsplit(" ", 1)[0].rstrip(",.;:") + "…"


def named_apart(drafts: Iterable[Draft]) -> list[Draft]:
    """The drafts, those of a name that an earlier one has with a number behind it."""
    listed = list(drafts)
    seen: set[str] = set()
    for draft in listed:
        base = name = draft.entry["name"]
        number = 1
        while name in seen:
            number += 1
            name = f"{base[: LONGEST - 8]} ({number})"
        if name != base:
            draft.note(f"Another one in the file is called {base} too.")
            draft.entry["name"] = name
        seen.add(name)
    return listed


def tags_of(given: Any, draft: Draft) -> list[str]:
    """Tags of a list, or of a text with commas; what is none is noted."""
    found = given.split(",") if isinstance(given, str) else given if isinstance(given, list) else []
    tags = list(dict.fromkeys(_tags(found)))
    if len(tags) > MOST_TAGS or (given and not tags):
        draft.note(f"Of its tags, {min(len(tags), MOST_TAGS)} are taken.")
    return tags[:MOST_TAGS]


def _tags(found: Iterable[Any]) -> Iterator[str]:
    yield from (each.strip()[:LONGEST_TAG].strip() for each in found if isinstance(each, str) and each.strip())
