"""Prompts of Langfuse, as its API gives them: one, a list, or the pages of a list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import count, pairwise
from typing import Any, Final, NamedTuple

from foundation.problems import Problem
from templates_app.exchange.formats.format import Choices, Draft, Drafts, Format, refused
from templates_app.exchange.mapping.braces import Names, from_double_braces
from templates_app.exchange.mapping.calls import config_of
from templates_app.exchange.mapping.naming import name_of, tags_of
from templates_app.exchange.mapping.turns import content_of, said, turns_of
from templates_app.exchange.source import Source
from templates_app.lookup import LABEL
from templates_app.partials.slugs import base_of

MOST_VERSIONS: Final = 200
LONGEST_NOTE: Final = 1_000
LATEST: Final = "latest"
_OWN: Final = frozenset(
    {"type", "version", "labels", "config", "commitMessage", "createdAt", "isActive", "resolutionGraph"}
)
_TAG: Final = re.compile(
    r"@@@langfusePrompt:name=(?P<name>[^|@\n]{1,255})(?:\|(?P<by>label|version)=(?P<at>[^|@\n]{1,100}))?@@@"
)


class Item(NamedTuple):
    """One version of a prompt, and where it stands."""

    value: Mapping[str, Any]
    place: str

    def at(self, name: str) -> str:
        """The place of a member."""
        return f"{self.place}.{name}" if self.place else name


def recognises(source: Source) -> bool:
    """JSON with a name, a prompt, and something that only Langfuse has beside them."""
    try:
        if source.text.lstrip()[:1] not in ("{", "["):
            return False
        listed = [item.value for item in _items(source)]
    except Problem:
        return False
    return bool(listed) and all(_is_one(each) for each in listed)


def _is_one(value: Mapping[str, Any]) -> bool:
    """A prompt, or what a list of prompts tells of one, which lacks the text."""
    is_listed = {"versions", "lastConfig"} <= value.keys() or {"versions", "lastUpdatedAt"} <= value.keys()
    return "name" in value and (("prompt" in value and bool(_OWN & value.keys())) or is_listed)


def read(source: Source, choices: Choices) -> Drafts:
    """A template a name, with its versions in their order."""
    drafts = Drafts()
    prompts: dict[str, list[Item]] = {}
    for item in _items(source):
        name = item.value.get("name")
        if not isinstance(name, str) or not name.strip():
            raise refused(item.at("name"), "required", "The name of the prompt is expected.")
        prompts.setdefault(name_of(name), []).append(item)
    if not prompts:
        raise refused("", "empty", "There is no prompt in it.")
    numbers = {name: [_number(item, at) for at, item in enumerate(items)] for name, items in prompts.items()}
    references = _References(numbers)
    for name, items in prompts.items():
        drafts.templates.append(_draft(name, items, references))
    for draft in drafts.templates:
        if draft.entry["name"] in references.used:
            draft.entry["slug"] = references.slug_of(draft.entry["name"])
    return drafts


def _items(source: Source) -> Iterator[Item]:
    value = source.lines if source.lines is not None else source.value
    place = ""
    if isinstance(value, Mapping) and "prompt" not in value:
        place = next((name for name in ("data", "prompts") if isinstance(value.get(name), list)), "")
        value = value[place] if place else [value]
    elif isinstance(value, Mapping):
        yield Item(value, "")
        return
    if not isinstance(value, list):
        raise refused("", "invalid", "A prompt of Langfuse, or a list of them, is expected.")
    for at, each in enumerate(value):
        where = f"{place}.{at}".lstrip(".")
        if not isinstance(each, Mapping):
            raise refused(where, "invalid", "A prompt is an object with name and prompt.")
        yield Item(each, where)


def _number(item: Item, at: int) -> int:
    number = item.value.get("version", at + 1)
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number < 2**31:
        raise refused(item.at("version"), "invalid", "The number of a version is expected.")
    return number


class _References:
    """Prompts within prompts: `@@@langfusePrompt:name=…|label=…@@@` is `{{> slug@label}}` here."""

    def __init__(self, numbers: Mapping[str, list[int]]) -> None:
        self._numbers = numbers
        self.used: set[str] = set()
        self._slugs: dict[str, str] = {}

    def slug_of(self, name: str) -> str:
        """What a prompt is called in a reference; no two in the file the same."""
        if name not in self._slugs:
            base = base_of(name)
            wanted = (base if number == 1 else f"{base}-{number}" for number in count(1))
            self._slugs[name] = next(each for each in wanted if each not in self._slugs.values())
        return self._slugs[name]

    def written(self, text: str, names: Names, draft: Draft) -> str:
        made, at = [], 0
        for found in _TAG.finditer(text):
            made += [from_double_braces(text[at : found.start()], names), self._reference(found, draft)]
            at = found.end()
        return "".join([*made, from_double_braces(text[at:], names)])

    def _reference(self, found: re.Match[str], draft: Draft) -> str:
        name = name_of(found["name"]) or "template"
        slug = self.slug_of(name)
        self.used.add(name)
        if name in self._numbers:
            draft.note(f"It takes in the prompt {name}: here that is {{{{> {slug}}}}}.")
        else:
            draft.note(
                f"It takes in the prompt {name}, which is not in the file: bring a template of the slug {slug} first."
            )
        at = self._at(found["by"], found["at"] or "", name, draft)
        return f"{{{{> {slug}{f'@{at}' if at else ''}}}}}"

    def _at(self, by: str | None, at: str, name: str, draft: Draft) -> str:
        if by == "version" and at.isascii() and at.isdigit():
            # Versions get numbers without gaps here.
            known = sorted(self._numbers.get(name, ()))
            return str(known.index(int(at)) + 1) if int(at) in known else at[:9]
        if by == "label" and at != LATEST:
            if LABEL.fullmatch(at):
                return at
            draft.note(f"{at!r} is no label here: the newest version of {name} is meant.")
        return ""


def _draft(name: str, items: list[Item], references: _References) -> Draft:
    numbered = sorted(((_number(item, at), item) for at, item in enumerate(items)), key=lambda each: each[0])
    for (before, _), (number, item) in pairwise(numbered):
        if before == number:
            raise refused(item.at("version"), "repeated", f"Version {number} of {name[:100]} is there twice.")
    draft = Draft({"name": name}, items[0].place, key=name)
    if len(numbered) > MOST_VERSIONS:
        draft.note(f"Of {len(numbered)} versions, the newest {MOST_VERSIONS} are taken.")
        numbered = numbered[-MOST_VERSIONS:]
    newest = numbered[-1][1].value
    if tags := tags_of(newest.get("tags"), draft):
        draft.entry["tags"] = tags
    draft.entry["versions"] = [{"number": number, **_version(item, draft, references)} for number, item in numbered]
    if labels := {label: number for number, item in numbered for label in _labels(item, draft)}:
        draft.entry["labels"] = labels
    return draft


def _labels(item: Item, draft: Draft) -> Iterator[str]:
    labels = item.value.get("labels") or []
    if not isinstance(labels, list):
        raise refused(item.at("labels"), "not_a_list", "A list of labels is expected.")
    if item.value.get("isActive") is True:
        labels = [*labels, "production"]
    for label in labels:
        if label == LATEST:
            draft.note("The label latest is not carried over: here the newest version is the current one.")
        elif isinstance(label, str) and LABEL.fullmatch(label):
            yield label
        else:
            draft.note(f"{str(label)[:60]!r} is no label here, and left out.")


def _version(item: Item, draft: Draft, references: _References) -> dict[str, Any]:
    names = Names(draft)
    version = _content(item, draft, names, references)
    config = item.value.get("config")
    if isinstance(config, Mapping):
        version |= config_of(config, draft)
    elif config:
        draft.note("Its config is no object, and left out.")
    if isinstance(message := item.value.get("commitMessage"), str) and message.strip():
        version["note"] = message[:LONGEST_NOTE]
    if at := _time(item, draft):
        version["created_at"] = at
    return version


def _content(item: Item, draft: Draft, names: Names, references: _References) -> dict[str, Any]:
    prompt = item.value.get("prompt")

    def text(given: str) -> str:
        return references.written(given, names, draft)

    if isinstance(prompt, str):
        return content_of(said("user", prompt, draft, item.at("prompt"), text=text), draft, names, item.at("prompt"))
    if not isinstance(prompt, list):
        raise refused(
            item.at("prompt"), "required", "Text, or a list of messages, is expected: the list of prompts has none."
        )
    chat = [_slot(each, names, f"{item.at('prompt')}.{at}") for at, each in enumerate(prompt)]
    return content_of(turns_of(chat, draft, item.at("prompt"), text=text), draft, names, item.at("prompt"))


def _slot(given: Any, names: Names, place: str) -> Any:
    if not isinstance(given, Mapping) or given.get("type") != "placeholder":
        return given
    if not isinstance(given.get("name"), str):
        raise refused(f"{place}.name", "invalid", "The name of a placeholder is expected.")
    return {"placeholder": names.of(given["name"])}


def _time(item: Item, draft: Draft) -> str:
    given = item.value.get("createdAt")
    if given is None:
        return ""
    try:
        return datetime.fromisoformat(given).isoformat()
    except (TypeError, ValueError):
        draft.note(f"{str(given)[:40]!r} is no time, so the version is dated now.")
        return ""


LANGFUSE: Final = Format("langfuse", "Langfuse prompts", recognises, read)
