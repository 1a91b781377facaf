"""What an import would do, entry by entry: every draft is judged before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from rest_framework import serializers

from accounts.models import User
from foundation.problems import FieldError, Problem, field_errors, invalid
from templates_app.bodies import content_of, stated_content_of
from templates_app.content import Content, Variable
from templates_app.exchange.deciding import Here, decide
from templates_app.exchange.entries import CREATE, ERROR, Entry, TemplateEntry, placed
from templates_app.exchange.formats.format import Choices, Draft
from templates_app.exchange.origins import origins_of
from templates_app.exchange.reading import AUTO, read
from templates_app.exchange.receivers import receivers
from templates_app.exchange.references import follow
from templates_app.exchange.source import Source
from templates_app.rendering.render import used_variables_among

CATEGORY: Final = "Imported"
"""Of templates whose file gives them none."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody wants done with what files hold."""

    picked: frozenset[int] | None = None
    """The entries that are wanted, by their index; all of them when None."""
    on_conflict: str = ""
    """What becomes of conflicts, unless said of one: empty leaves them, `append` adds versions, `copy` a template."""
    conflicts: Mapping[int, str] = field(default_factory=dict)
    """By index of an entry."""

    def of_conflict(self, index: int) -> str:
        """What is wanted of this entry where it is a conflict."""
        return self.conflicts.get(index, self.on_conflict)


@dataclass(slots=True)
class Plan:
    """What would be done, or was."""

    format: str
    entries: list[Entry]
    notes: list[str]

    @property
    def errors(self) -> list[FieldError]:
        """What does not hold, of all entries."""
        return [error for entry in self.entries for error in entry.errors]


def plan(
    sources: Iterable[Source],
    *,
    user: User,
    format_name: str = AUTO,
    choices: Choices | None = None,
    wishes: Wishes | None = None,
    leaves_out: bool = False,
) -> Plan:
    """What an import of these files would do.

    An entry that does not hold says so; a Problem (400) is of a whole file, unless `leaves_out` tells of it in a note.
    """
    wishes = wishes or Wishes()
    found = read(sources, format_name=format_name, choices=choices, leaves_out=leaves_out)
    origins = origins_of((name, draft) for draft, name, _ in found.drafts)
    entries = [
        Entry(index, str(draft.entry.get("name"))[:255], draft, name, file, origin, notes=list(draft.notes))
        for index, ((draft, name, file), origin) in enumerate(zip(found.drafts, origins, strict=True))
    ]
    wanted = [each for each in entries if wishes.picked is None or each.index in wishes.picked]
    if wishes.picked is not None and (unknown := wishes.picked - {each.index for each in entries}):
        raise invalid([FieldError("only", "unknown", f"There is no entry {min(unknown)}.")])
    _judge(wanted, user=user, wishes=wishes)
    return Plan(found.format, wanted, found.notes)


def _judge(entries: list[Entry], *, user: User, wishes: Wishes) -> None:
    follow(entries, user=user)
    entries = [entry for entry in entries if entry.action == CREATE]
    for entry in entries:
        _check_shape(entry)
    used = used_variables_among(_stated(entries))
    for entry in entries:
        if not entry.errors:
            _check_contents(entry, used)
    here = Here.of(entries, user=user)
    for entry in entries:
        if not entry.errors:
            decide(entry, user=user, here=here, wish=wishes.of_conflict(entry.index))
    _refuse_one_twice(entries)
    _leave_once([entry for entry in entries if entry.is_written])
    for entry in entries:
        if entry.is_written:
            _foresee(entry, user)


def _check_shape(entry: Entry) -> None:
    given = TemplateEntry(data=_completed(entry.draft))
    try:
        given.is_valid(raise_exception=True)
        entry.given = dict(given.validated_data)
        entry.name = entry.given["name"]
    except serializers.ValidationError as error:
        _fail(entry, placed(field_errors(error.detail), entry.place))


def _completed(draft: Draft) -> Any:
    """The entry with what its format has no place for."""
    entry = draft.entry
    versions = entry.get("versions")
    if isinstance(versions, list):
        versions = [
            {"number": number, **each} if isinstance(each, dict) else each for number, each in enumerate(versions, 1)
        ]
    return {"category": CATEGORY, **entry, "versions": versions}


def _stated(entries: Iterable[Entry]) -> Iterator[Content]:
    for entry in entries:
        if not entry.errors:
            yield from map(stated_content_of, entry.given["versions"])


def _check_contents(entry: Entry, used: Callable[[Content], list[Variable]]) -> None:
    for position, version in enumerate(entry.given["versions"]):
        try:
            entry.contents.append(content_of(version, used=used))
        except Problem as problem:
            listed = [FieldError(**each) for each in problem.errors]
            _fail(entry, placed(listed, f"{entry.place}.versions.{position}"))


def _refuse_one_twice(entries: list[Entry]) -> None:
    """Two entries of a file that are one template would write over each other's versions."""
    seen: dict[Any, Entry] = {}
    for entry in entries:
        if entry.template is None or not entry.is_written:
            continue
        first = seen.setdefault(entry.template.id, entry)
        if first is not entry:
            message = f"This is the same template as entry {first.index + 1} of the file."
            _fail(entry, [FieldError(entry.place, "repeated", message)])


def _leave_once(entries: list[Entry]) -> None:
    """What several templates of a file share goes to the first of them: their tests are one dataset."""
    seen: dict[Any, Entry] = {}
    for entry in entries:
        for name, material in list(entry.draft.material.items()):
            key = (entry.file, name, orjson.dumps(material, option=orjson.OPT_SORT_KEYS))
            if (first := seen.setdefault(key, entry)) is not entry:
                del entry.draft.material[name]
                entry.notes.append(f"Its {name} are those of {first.name}, and are taken in once.")


def _foresee(entry: Entry, user: User) -> None:
    for name, material in entry.draft.material.items():
        receiver = receivers().get(name)
        if receiver is None:
            entry.notes.append(f"There is nobody here to take its {name}: they are left out.")
            continue
        try:
            handed = receiver.foresee(material, name=entry.name, user=user)
        except Problem as problem:
            listed = [FieldError(**each) for each in problem.errors] or [FieldError("", problem.code, problem.detail)]
            entry.notes += [f"Its {name} are left out: {each.field or name}: {each.message}" for each in listed[:5]]
            continue
        entry.handed.append(handed.sentence)
        entry.notes += handed.notes


def _fail(entry: Entry, errors: list[FieldError]) -> None:
    entry.errors += errors
    entry.action, entry.reason = ERROR, entry.errors[0].message
