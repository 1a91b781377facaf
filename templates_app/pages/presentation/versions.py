"""The versions of a template as their page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from accounts.models import User
from foundation.words import age
from templates_app import lookup
from templates_app.lookup import version_by_number
from templates_app.models import LabelMove, TemplateLabel, TemplateVersion
from templates_app.pages.presentation.difference import DifferenceView
from templates_app.pages.presentation.figures import Figures
from templates_app.pages.presentation.protection import ProtectionView, protections
from templates_app.versions import labels

PAGE: Final = 50
MOST_MOVES: Final = 100


class VersionRow:
    """One version in the list."""

    def __init__(self, version: TemplateVersion, names: list[str]) -> None:
        self.version = version
        self.number = version.number
        self.labels = sorted(names)
        self.figures = Figures.of(version)
        self.age = age(version.created_at)
        self.author = str(version.author) if version.author else "somebody who left"


@dataclass(frozen=True)
class LabelRow:
    """A label, where it points, and its protection; one that is protected may point nowhere."""

    name: str
    number: int | None
    protection: ProtectionView | None = None
    share: int | None = None
    """Percent of its calls that a split sends to another version."""
    has_been_elsewhere: bool = False
    """Whether it can be rolled back."""


@dataclass(frozen=True)
class VersionsPage:
    """The list with two versions picked, the older of them as `old`."""

    template: Any
    rows: list[VersionRow]
    labels: list[LabelRow]
    old: TemplateVersion
    new: TemplateVersion
    may_change: bool
    may_govern: bool
    next_before: int | None

    @classmethod
    def of(
        cls, template: Any, user: User, first: int | None, second: int | None, *, older: int | None = None
    ) -> VersionsPage:
        """Of a template out of `lookup.seen_by`; by itself the present version and the one before are picked."""
        names: dict[Any, list[str]] = {}
        pointing = list(template.labels.select_related("version", "split").order_by("name"))
        for label in pointing:
            names.setdefault(label.version_id, []).append(label.name)
        found = template.versions.select_related("author").defer("sealed").order_by("-number")
        listed = list((found.filter(number__lt=older) if older else found)[: PAGE + 1])
        old, new = _picked(template, first, second)
        return cls(
            template,
            [VersionRow(each, names.get(each.id, [])) for each in listed[:PAGE]],
            _labels(template, user, pointing),
            old,
            new,
            lookup.may_change(lookup.role_in(template, user)),
            lookup.may_govern(lookup.role_in(template, user)),
            listed[PAGE - 1].number if len(listed) > PAGE else None,
        )

    @cached_property
    def difference(self) -> DifferenceView:
        """From the older to the newer, whichever was picked first."""
        return DifferenceView(self.old.content, self.new.content)

    @property
    def numbers(self) -> list[int]:
        """What a label can be pointed at here: the listed versions, the picked ones, and where labels are."""
        pointed_at = {label.number for label in self.labels if label.number} | {self.old.number, self.new.number}
        return sorted(pointed_at | {row.number for row in self.rows}, reverse=True)

    @property
    def is_one(self) -> bool:
        """Whether both are the same version."""
        return self.old.number == self.new.number

    @property
    def is_present(self) -> bool:
        """Whether the newer one is the present one."""
        return bool(self.new.number == self.template.version.number)


def _labels(template: Any, user: User, pointing: list[TemplateLabel]) -> list[LabelRow]:
    numbers = {label.name: label.version.number for label in pointing}
    shares = {label.name: label.split.share for label in pointing if label.split}
    held = protections(template, user, numbers)
    return [
        LabelRow(name, numbers.get(name), held.get(name), shares.get(name), labels.has_been_elsewhere(template, name))
        for name in sorted(numbers.keys() | held.keys())
    ]


def _picked(template: Any, first: int | None, second: int | None) -> tuple[TemplateVersion, TemplateVersion]:
    numbers = template.versions.order_by("-number").values_list("number", flat=True)
    before = numbers.filter(number__lt=second or template.version.number).first()
    last = second or template.version.number
    low, high = sorted((first or before or last, last))
    return version_by_number(template, low), version_by_number(template, high)


class MoveRow:
    """One move of a label."""

    def __init__(self, move: LabelMove) -> None:
        self.move = move
        self.age = age(move.moved_at)
        self.by = str(move.moved_by) if move.moved_by else "somebody who left"
        self.note = move.note

    @property
    def summary(self) -> str:
        """What happened."""
        before = f" from version {self.move.previous.number}" if self.move.previous else ""
        if self.move.version is None:
            return f"taken away{before}"
        verb = "rolled back to" if self.move.is_rollback else "moved to" if self.move.previous else "put on"
        return f"{verb} version {self.move.version.number}{before}"


def moves_of(template: Any, label: str) -> list[MoveRow]:
    """The moves of a label, newest first."""
    return [MoveRow(move) for move in labels.moves_of(template, label)[:MOST_MOVES]]
