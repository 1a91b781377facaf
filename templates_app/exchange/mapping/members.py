"""Members of a foreign file's objects: each is what is expected, or a Problem that names its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from foundation.http import body_gate
from foundation.words import number
from templates_app.bodies import MOST_TAGS
from templates_app.exchange import parsing
from templates_app.exchange.formats.format import Draft, refused

LONGEST_NAME: Final = 255
LONGEST_DESCRIPTION: Final = 10_000
LONGEST_TAG: Final = 100
_SCHEMA_NAME: Final = re.compile(r"[^A-Za-z0-9_-]+")
# A default behind the name may be a secret: it is not told.
_ELSEWHERE: Final = re.compile(r"\$\{\s*(?P<of>(?:env|file)\s*:\s*[^{}:]{0,100})[^{}]{0,300}\}", re.IGNORECASE)


def text_of(value: Any, place: str) -> str:
    """Text, where a number may stand for its digits, as in YAML; empty for nothing."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise refused(place, "invalid", "Text is expected.")


def mapping_of(value: Any, place: str) -> Mapping[str, Any]:
    """An object; an empty one for nothing."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise refused(place, "invalid", "An object is expected.")
    return value


def list_of(value: Any, place: str) -> list[Any]:
    """A list; an empty one for nothing."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise refused(place, "not_a_list", "A list is expected.")
    return value


def tags_of(value: Any, place: str, draft: Draft) -> list[str]:
    """Tags by a list, or by a text with commas between them; what is too much is noted."""
    given = value.split(",") if isinstance(value, str) else list_of(value, place)
    told = [text_of(each, f"{place}.{at}").strip() for at, each in enumerate(given)]
    made = list(dict.fromkeys(each[:LONGEST_TAG] for each in told if each))
    if any(len(each) > LONGEST_TAG for each in told) or len(made) > MOST_TAGS:
        draft.note(f"Up to {MOST_TAGS} tags of {LONGEST_TAG} characters are carried over.")
    return made[:MOST_TAGS]


def details_of(draft: Draft, *, name: str, description: str = "", tags: Iterable[str] = ()) -> dict[str, Any]:
    """What a template is called and known by; what is too long is cut, and noted. Without a name there is none."""
    made: dict[str, Any] = {}
    if plain := " ".join(name.split()):
        made["name"] = _cut(plain, LONGEST_NAME, "name", draft)
    if description.strip():
        made["description"] = _cut(description.strip(), LONGEST_DESCRIPTION, "description", draft)
    if listed := list(tags):
        made["tags"] = listed
    return made


def _cut(text: str, longest: int, what: str, draft: Draft) -> str:
    if len(text) > longest:
        draft.note(f"The {what} is cut to {number(longest)} characters.")
    return text[:longest]


def front_and_body(text: str) -> tuple[Mapping[str, Any], str]:
    """The front matter, checked as a JSON body is, and the text below it, its line ends plain; raises Problem."""
    head, body = parsing.read_front_matter(text) or ({}, text)
    body_gate.check(head)
    return head, body.replace("\r\n", "\n")


def schema_name(name: str) -> str:
    """A name that an answer's schema may have."""
    return _SCHEMA_NAME.sub("_", name).strip("_")[:64] or "answer"


def answer_format(schema: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The format of an answer that fits this JSON Schema."""
    return {"type": "json_schema", "json_schema": {"name": schema_name(name), "schema": dict(schema)}}


def without_references(value: Any, place: str, draft: Draft) -> Any:
    """The value without what stands elsewhere (`${env:…}`, `${file:…}`), which is told and never read."""
    if isinstance(value, str) and (found := _ELSEWHERE.search(value)):
        draft.note(f"{place} stands elsewhere, which is not read: ${{{found['of'].strip()}}}.")
        return None
    if isinstance(value, Mapping):
        kept = {str(name): without_references(inner, f"{place}.{name}", draft) for name, inner in value.items()}
        return {name: inner for name, inner in kept.items() if inner is not None or value[name] is None}
    if isinstance(value, list):
        told = [without_references(inner, f"{place}.{at}", draft) for at, inner in enumerate(value)]
        return [inner for inner, before in zip(told, value, strict=True) if inner is not None or before is None]
    return value


def note_unknown(given: Mapping[str, Any], known: Iterable[str], draft: Draft, *, of: str = "") -> None:
    """Tells of the members that nothing is made of."""
    if unknown := sorted(str(name)[:60] for name in given.keys() - set(known)):
        draft.note(f"Not carried over{f' of {of}' if of else ''}: {', '.join(unknown)[:500]}.")
