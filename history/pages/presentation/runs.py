"""Which runs the timeline shows, as its address says, and how each of them looks.

A run's own figures come from whoever stands above this app: `view` is the page's view of an execution.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from statistics import fmean
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.utils.safestring import SafeString
from rest_framework import serializers

from foundation.presentation.rating import Choice, stars, thumbs
from foundation.presentation.typed_numbers import plainly
from foundation.problems import field_errors
from foundation.words import counted
from history.pages.presentation.icons import badge, icons
from history.pages.presentation.recent import Recent
from history.period import PeriodQuery
from sessions_app.models import PlaygroundSession

PAGE: Final = 20
ORIGINS: Final = {
    "person": "on a page",
    "service": "over the API",
    "comparison": "in a comparison",
    "trace": "elsewhere",
}
"""Those that a session shows, in words."""
STATUSES: Final = ("completed", "running", "failed", "cancelled")
LABELS: Final = {
    "search": "Text",
    "status": "Status",
    "model": "Model",
    "template": "Template",
    "tag": "Tag",
    "origin": "Made",
    "from": "From",
    "to": "To",
    "min_cost": "Cost from $",
    "max_cost": "Cost up to $",
}
NUMBERS: Final = ("min_cost", "max_cost")
COLUMNS: Final = {"model": "model_id", "template": "template_id"}
"""The address's word for what the history calls otherwise."""


class RunsQuery(PeriodQuery):
    """What of an address can be asked of the history."""

    status = serializers.ChoiceField(choices=STATUSES, required=False)
    model = serializers.CharField(max_length=255, required=False)
    origin = serializers.ChoiceField(choices=list(ORIGINS), required=False)
    template = serializers.UUIDField(required=False)
    tag = serializers.CharField(max_length=100, required=False)
    min_cost = serializers.DecimalField(max_digits=20, decimal_places=8, required=False, min_value=0)
    max_cost = serializers.DecimalField(max_digits=20, decimal_places=8, required=False, min_value=0)
    search = serializers.CharField(max_length=200, required=False)


class Chip(NamedTuple):
    """A filter that is set; `query` is the address's without it."""

    name: str
    value: str
    query: str


@dataclass(frozen=True)
class RunFilter:
    """The timeline's query: as typed, and as it was understood."""

    given: dict[str, str]
    wanted: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, query: Mapping[str, str]) -> RunFilter:
        """The filter of an address; what cannot be understood narrows nothing, and is told."""
        given = {name: query.get(name, "").replace("\0", "").strip() for name in LABELS}
        given = {name: value for name, value in given.items() if value}
        asked = {name: plainly(value) if name in NUMBERS else value for name, value in given.items()}
        rules = RunsQuery(data=asked)
        if rules.is_valid():
            return cls(given, dict(rules.validated_data))
        errors = {each.field: each.message for each in field_errors(rules.errors)}
        understood = RunsQuery(data={name: value for name, value in asked.items() if name not in errors})
        return cls(given, dict(understood.validated_data) if understood.is_valid() else {}, errors)

    @property
    def query(self) -> str:
        """Itself as an address's query."""
        return urlencode(self.given)

    @property
    def narrows(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.given)

    @property
    def has_more(self) -> bool:
        """Whether something is set that stands under "More filters"."""
        return bool(self.given.keys() - {"search", "status", "model"})

    @property
    def as_history(self) -> dict[str, Any]:
        """Itself as the query of GET …/history."""
        return {COLUMNS.get(name, name): value for name, value in self.wanted.items()}

    def chips(self, templates: Mapping[str, str]) -> list[Chip]:
        """What is set, each with the way to give it up; `templates` are their names."""
        return [
            Chip(LABELS[name], {**templates, **ORIGINS}.get(value, value), self._without(name))
            for name, value in self.given.items()
        ]

    def _without(self, name: str) -> str:
        return replace(self, given={key: value for key, value in self.given.items() if key != name}).query

    def models(self, recent: Recent) -> list[str]:
        """What can be chosen, the chosen one among them."""
        return sorted((recent.models | {self.given.get("model", "")}) - {""})

    def templates(self, recent: Recent) -> frozenset[UUID]:
        """What can be chosen, the chosen one among them."""
        chosen = self.wanted.get("template")
        return recent.templates | {chosen} if chosen else recent.templates

    @property
    def statuses(self) -> list[tuple[str, bool]]:
        """What can be chosen."""
        return [(status, status == self.given.get("status")) for status in STATUSES]

    @property
    def origins(self) -> list[tuple[str, str, bool]]:
        """What can be chosen: the address's word, ours, and whether it is."""
        return [(name, words, name == self.given.get("origin")) for name, words in ORIGINS.items()]


@dataclass(frozen=True)
class Judgement:
    """What people think of one run, and what the viewer does."""

    ups: int = 0
    downs: int = 0
    values: tuple[int, ...] = ()
    my_thumb: str = ""
    my_value: int | None = None

    @classmethod
    def of(cls, ratings: Iterable[Any], user_id: UUID) -> Judgement:
        """Out of the run's ratings."""
        listed = list(ratings)
        mine = next((each for each in listed if each.user_id == user_id), None)
        return cls(
            ups=sum(each.thumb == "up" for each in listed),
            downs=sum(each.thumb == "down" for each in listed),
            values=tuple(each.value for each in listed if each.value),
            my_thumb=mine.thumb if mine else "",
            my_value=mine.value if mine else None,
        )

    @property
    def thumbs(self) -> list[Choice]:
        """What may be said with a thumb, how many have, and what the viewer has."""
        return thumbs(self.my_thumb, ups=self.ups, downs=self.downs)

    @property
    def stars(self) -> list[Choice]:
        """One to five, and what the viewer has given."""
        return stars(self.my_value)

    @property
    def average(self) -> str:
        """Of those who gave a value, with how many they are."""
        return f"{fmean(self.values):.1f} of 5 ({counted(len(self.values), 'rating')})" if self.values else ""


@dataclass(frozen=True)
class TemplateLink:
    """The version that a run was made from; without an address for those who do not see the template."""

    id: UUID | None
    name: str
    version: int


@dataclass(frozen=True)
class RunRow:
    """One run in the timeline."""

    view: Any
    author: str
    """Empty when it is the viewer's own."""
    template: TemplateLink | None
    judgement: Judgement
    comments: int

    @property
    def id(self) -> UUID:
        """The execution's."""
        found: UUID = self.view.id
        return found

    @property
    def slug(self) -> str:
        """Its id, as a part of ids on the page."""
        return str(self.id)

    @property
    def icons(self) -> dict[str, SafeString]:
        """The pictures in its row."""
        return icons()

    @property
    def badge(self) -> SafeString:
        """Its status."""
        return badge(str(self.view.status))

    @property
    def comments_told(self) -> str:
        """How many, in words."""
        return counted(self.comments, "comment") if self.comments else "Comment"

    @property
    def tokens(self) -> str:
        """In and out, once they are known."""
        told = {fact.name: fact.value for fact in self.view.facts}
        return str(told.get("Tokens in / out", ""))

    @property
    def prompt(self) -> str:
        """The prompt, or what stood in its place."""
        text: str = self.view.prompt
        if not text and self.view.elsewhere and not self.view.messages:
            return "(its exporter sent no prompt)"
        if not text and self.view.attachments:
            return counted(len(self.view.attachments), "file")
        return text or f"({counted(len(self.view.messages), 'message')})"


def matches(session: PlaygroundSession, wanted: RunFilter, execution_id: UUID, rows: Any) -> bool:
    """Whether the run is one of `rows` (the history's, text aside); a search is left to the list itself."""
    return bool(rows.filter(Q(id=execution_id)).exists()) and "search" not in wanted.given
