"""Imports as their pages show them: what would be done, and what was."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, NamedTuple

from accounts.models import User
from templates_app.exchange.entries import CONFLICT, CREATE, ERROR, NEW, SKIP, UPDATE, Entry
from templates_app.exchange.formats.format import COLUMNS
from templates_app.exchange.formats.registry import FORMATS
from templates_app.exchange.planning import Plan, Wishes
from templates_app.exchange.receivers import receivers
from templates_app.models import ImportedTemplate, TemplateImport
from templates_app.pages.presentation.difference import DifferenceView

BADGES: Final = {
    CREATE: ("completed", "new", "new"),
    UPDATE: ("running", "again", "to update"),
    SKIP: ("cancelled", "check", "here already"),
    CONFLICT: ("failed", "failed", "in conflict"),
    ERROR: ("failed", "failed", "refused"),
}
FEW: Final = 3
"""Notes that are shown unfolded."""
MOST_RECENT: Final = 5


class Badge(NamedTuple):
    """An action in a colour, with its picture and its word."""

    kind: str
    icon: str
    word: str


@dataclass(frozen=True)
class EntryView:
    """What would be done with one template of the files."""

    entry: Entry
    is_picked: bool
    wish: str

    @property
    def badge(self) -> Badge:
        """What will be done."""
        return Badge(*BADGES[self.entry.action])

    @property
    def may_be_picked(self) -> bool:
        """Whether there is something to do."""
        return self.entry.is_written

    @property
    def is_told_by_badge(self) -> bool:
        """Whether the reason says no more than the badge."""
        return self.entry.action == CREATE and self.entry.reason == NEW

    @property
    def is_conflict(self) -> bool:
        """Whether somebody has to say what becomes of it."""
        return self.entry.action == CONFLICT

    @property
    def title(self) -> str:
        """The format's name for people."""
        return FORMATS[self.entry.format].title

    @property
    def few_notes(self) -> list[str]:
        """Notes that are read at once."""
        return self.entry.notes if len(self.entry.notes) <= FEW else []

    @property
    def many_notes(self) -> list[str]:
        """Notes of which there are so many that they are folded."""
        return self.entry.notes if len(self.entry.notes) > FEW else []

    @property
    def difference(self) -> DifferenceView | None:
        """Of a conflict: from what is here to what the file brings."""
        if not self.is_conflict or self.entry.template is None:
            return None
        return DifferenceView(self.entry.template.version.content, self.entry.contents[-1])


@dataclass(frozen=True)
class PlanView:
    """What an import would do."""

    plan: Plan
    wishes: Wishes = field(default_factory=Wishes)

    @cached_property
    def entries(self) -> list[EntryView]:
        """In the files' order."""
        return list(self._entries())

    def _entries(self) -> Iterator[EntryView]:
        for entry in self.plan.entries:
            is_picked = self.wishes.picked is None or entry.index in self.wishes.picked
            yield EntryView(entry, entry.is_written and is_picked, self.wishes.of_conflict(entry.index))

    @property
    def title(self) -> str:
        """The format's name for people."""
        return FORMATS[self.plan.format].title if self.plan.format in FORMATS else "files of several formats"

    @property
    def counts(self) -> list[tuple[Badge, int]]:
        """How many of each action."""
        actions = [each.action for each in self.plan.entries]
        return [(Badge(*badge), actions.count(action)) for action, badge in BADGES.items() if action in actions]

    @property
    def is_worth_it(self) -> bool:
        """Whether anything can be done."""
        return any(each.may_be_picked or each.is_conflict for each in self.entries)

    @property
    def fingerprint(self) -> str:
        """Changes when something else would be done."""
        told = [
            (entry.index, entry.action, entry.template and f"{entry.template.id} {entry.template.version.number}")
            for entry in self.plan.entries
        ]
        return hashlib.sha256(repr(told).encode()).hexdigest()


@dataclass(frozen=True)
class RunView:
    """An import that was carried out."""

    run: TemplateImport

    @cached_property
    def entries(self) -> list[ImportedTemplate]:
        """What it brought or changed, in the files' order; what was here already is not among them."""
        rows = self.run.entries.select_related("template").order_by("id")
        return [row for row in rows if row.is_new or row.version_before != row.version_after]

    @cached_property
    def handed(self) -> list[tuple[str, str]]:
        """What else came of the files: what it is, and where."""
        known = receivers()
        listed = [(row.template.name, *each) for row in self.entries for each in row.handed.items()]
        return [(f"{name} of {of}", known[name].address(reference)) for of, name, reference in listed if name in known]

    @property
    def may_be_undone(self) -> bool:
        """Whether nobody has taken it back."""
        return self.run.undone_at is None and bool(self.entries)


def recent(user: User) -> list[RunView]:
    """The latest imports of `user`."""
    rows = TemplateImport.objects.filter(user=user, carried_out_at__isnull=False).order_by("-created_at")
    return [RunView(row) for row in rows[:MOST_RECENT]]


class ColumnAsked(NamedTuple):
    """A field that asks for a column of a table; `titles` are those that the table has, where it was looked at."""

    name: str
    label: str
    chosen: str
    titles: list[str]


def columns_asked(choices: Mapping[str, Any], titles: list[str]) -> list[ColumnAsked]:
    """One of each kind, as it was filled in before."""
    chosen = choices.get("columns", {})
    return [ColumnAsked(each, each.replace("_", " ").capitalize(), chosen.get(each, ""), titles) for each in COLUMNS]
