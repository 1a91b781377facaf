"""Which templates the library shows, as its address says, and how each of them looks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from accounts.models import User
from foundation.words import age, counted
from templates_app.library import filters
from templates_app.library.facets import Facets
from templates_app.models import PromptTemplate
from templates_app.pages.presentation.figures import Figures, figures_of

USUAL: Final = "Featured first"
BEST: Final = "Best match"
SORTS: Final = (
    ("-updated_at", "Recently changed"),
    ("-usage_count", "Most used"),
    ("-rating", "Best rated"),
    ("-success_rate", "Success rate, surest first"),
    ("average_cost", "Cheapest a run"),
    ("-average_cost", "Dearest a run"),
    ("name", "Name"),
)
CARDS, TABLE = "cards", "table"
VIEWS: Final = ((CARDS, "Cards"), (TABLE, "Table"))
PAGE: Final = 20
TAGS_SHOWN: Final = 24


class Choice(NamedTuple):
    """One entry of a facet; `query` is the address's when it is chosen, or given up again."""

    name: str
    amount: int
    query: str
    is_chosen: bool


class Chip(NamedTuple):
    """A filter that is set; `query` is the address's without it."""

    name: str
    value: str
    query: str


class Column(NamedTuple):
    """A column of the table; `query` is the address's when it orders, and empty where it cannot."""

    name: str
    query: str = ""
    sort: str = ""
    """ascending or descending, where it orders now."""


COLUMNS: Final = (
    ("Name", "name"),
    ("Category",),
    ("Owner",),
    ("Labels",),
    ("Uses", "-usage_count"),
    ("Completed", "-success_rate"),
    ("Cost a run", "average_cost", "-average_cost"),
    ("Rating", "-rating"),
    ("Changed", "-updated_at"),
)
"""Each with the orders that it stands for."""


UNSEEN: Final = ("search", "ordering", "kept_view")
"""What the search form has a field for, or needs none."""


@dataclass(frozen=True)
class LibraryFilter:
    """The library's query, as strings; empty is all."""

    search: str = ""
    category: str = ""
    tag: str = ""
    owner: str = ""
    label: str = ""
    favourite: str = ""
    ordering: str = ""
    view: str = ""
    kept_view: str = ""
    """What is shown where `view` says nothing: what was chosen last. It is no part of the address."""

    @classmethod
    def of(cls, query: Mapping[str, str], *, view: str = "") -> LibraryFilter:
        """The filter of an address; what no filter could mean is left out. `view` is what was chosen last."""
        given = {each.name: query.get(each.name, "").replace("\0", "")[:500].strip() for each in fields(cls)}
        if given["ordering"] not in dict(SORTS):
            given["ordering"] = ""
        if given["owner"] != "me" and not _is_uuid(given["owner"]):
            given["owner"] = ""
        given["view"] = given["view"] if given["view"] in dict(VIEWS) else ""
        given["kept_view"] = view if view in dict(VIEWS) else CARDS
        given["favourite"] = "true" if given["favourite"] == "true" else ""
        return cls(**given)

    @property
    def query(self) -> str:
        """Itself as an address's query."""
        return urlencode({name: value for name, value in vars(self).items() if value and name != "kept_view"})

    @property
    def narrows(self) -> bool:
        """Whether it leaves anything out."""
        return replace(self, ordering="", view="", kept_view="") != LibraryFilter()

    @property
    def is_table(self) -> bool:
        """Whether the templates stand in a table."""
        return self._shown_view == TABLE

    @property
    def views(self) -> list[tuple[str, str, bool]]:
        """The ways to show them, each with its address's query, the present one marked."""
        return [(name, replace(self, view=value).query, value == self._shown_view) for value, name in VIEWS]

    @property
    def _shown_view(self) -> str:
        return self.view or self.kept_view

    @property
    def columns(self) -> list[Column]:
        """The table's columns."""
        return [self._column(*each) for each in COLUMNS]

    def _column(self, name: str, first: str = "", second: str = "") -> Column:
        """A click orders by it, and a second one the other way round, where there is one."""
        if not first:
            return Column(name)
        sort = (
            ("descending" if self.ordering.startswith("-") else "ascending")
            if self.ordering and self.ordering in (first, second)
            else ""
        )
        wanted = second if second and self.ordering == first else first
        return Column(name, replace(self, ordering=wanted).query, sort)

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What the search form carries along unseen."""
        return [(name, value) for name, value in vars(self).items() if value and name not in UNSEEN]

    @property
    def sorts(self) -> list[tuple[str, str, bool]]:
        """The orders, with the present one marked."""
        first = ("", BEST if self.search else USUAL)
        return [(value, name, value == self.ordering) for value, name in (first, *SORTS)]

    @property
    def favourites(self) -> Choice:
        """The favourites' switch."""
        return self._choice("favourite", "true", 0, "Favourites")

    @property
    def mine(self) -> Choice:
        """The switch to one's own."""
        return self._choice("owner", "me", 0, "Mine")

    def chips(self, owners: Iterable[Mapping[str, Any]]) -> list[Chip]:
        """What is set, each with the way to give it up; `owners` (library.facets) have the name of a person."""
        people = {row["name"]: row["title"] for row in owners}
        told = {
            "search": ("Search", self.search),
            "category": ("Category", self.category),
            "tag": ("Tag", self.tag),
            "owner": ("Owner", "me" if self.owner == "me" else people.get(self.owner, "one person")),
            "label": ("Label", self.label),
            "favourite": ("Only", "favourites"),
        }
        return [Chip(*words, replace(self, **{name: ""}).query) for name, words in told.items() if getattr(self, name)]

    def facet(self, field: str, counts: list[dict[str, Any]], *, most: int = 500) -> list[Choice]:
        """The choices of one facet, the chosen one among them in any case."""
        shown = counts[:most]
        chosen = getattr(self, field)
        if chosen and chosen not in [row["name"] for row in shown]:
            shown += [row for row in counts if row["name"] == chosen] or [{"name": chosen, "count": 0}]
        return [
            self._choice(field, row["name"], row["count"], row.get("title") or row["name"])
            for row in shown
            if row["name"]
        ]

    def _choice(self, field: str, value: str, count: int, name: str) -> Choice:
        is_chosen = getattr(self, field) == value
        return Choice(name, count, replace(self, **{field: "" if is_chosen else value}).query, is_chosen)

    @property
    def wanted(self) -> dict[str, Any]:
        """Itself as the query of GET /api/templates."""
        return {**vars(self), "favourite": True if self.favourite else None}

    def found(self, user: User) -> filters.Matches:
        """The templates, in their order; without a search and an order of one's own the featured ones come first."""
        return filters.Matches(user, self.wanted, is_featured_first=not (self.search or self.ordering))


class TemplateCard:
    """A template in a list."""

    def __init__(self, template: Any, figures: Figures, user: User) -> None:
        self.template: PromptTemplate = template
        self.figures = figures
        self.id = template.id
        self.is_favourite: bool = template.is_favourite
        self.is_mine = template.owner_id == user.id
        self.age = age(template.updated_at)
        self.labels = sorted((label.name, label.version.number) for label in template.labels.all())

    @property
    def ratings(self) -> str:
        """How many have rated it."""
        return counted(self.template.ratings_count, "rating")

    @property
    def rating(self) -> str:
        """The average, with one decimal; empty while nobody has rated it."""
        return f"{self.template.rating:.1f}" if self.template.ratings_count else ""


@dataclass(frozen=True)
class LibraryPage:
    """One page of what was found."""

    cards: list[TemplateCard]
    count: int
    next_query: str

    @property
    def summary(self) -> str:
        """How much was found."""
        return counted(self.count, "template")


def library_page(user: User, wanted: LibraryFilter, number: int, *, count: int | None = None) -> LibraryPage:
    """The page `number` (from 1) of the library; `count` is how many it holds, where that is known already."""
    templates = wanted.found(user)
    first = (number - 1) * PAGE
    rows = templates[first : first + PAGE]
    count = templates.count() if count is None else count
    figures = figures_of(row.id for row in rows)
    cards = [TemplateCard(row, figures.get(row.id, Figures()), user) for row in rows]
    query = wanted.query
    more = f"{query}&page={number + 1}".lstrip("&") if count > first + PAGE else ""
    return LibraryPage(cards, count, more)


def library_facets(user: User, wanted: LibraryFilter, found: Facets) -> Iterator[tuple[str, list[Choice]]]:
    """Title and choices of each facet that has any."""
    if wanted.owner == "me":
        wanted = replace(wanted, owner=str(user.id))
    for title, field, counts, most in (
        ("Category", "category", found.categories, 500),
        ("Label", "label", found.labels, 100),
        ("Owner", "owner", found.owners, 100),
        ("Tag", "tag", found.tags, TAGS_SHOWN),
    ):
        choices = wanted.facet(field, counts, most=most)
        if choices:
            yield title, choices


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
