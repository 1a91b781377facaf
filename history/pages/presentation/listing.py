"""Which sessions the list shows, as its address says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from accounts.models import User
from foundation.search.ordering import name_order
from foundation.words import counted
from history.pages.presentation.session import SessionView, unpriced_among
from sessions_app.lookup import purposes, seen_by

PAGE: Final = 50
MOST_CHOICES: Final = 200
SORTS: Final = (
    ("", "Last run"),
    ("-created_at", "Newest"),
    ("name", "Name"),
    ("-execution_count", "Most runs"),
    ("-total_cost", "Highest cost"),
)
WHOSE: Final = (("", "Mine and shared"), ("mine", "Mine"), ("shared", "Shared with me"))
ARCHIVED: Final = (("", "Not archived"), ("only", "Archived"), ("also", "All"))


class Chip(NamedTuple):
    """A filter that is set; `query` is the address's without it."""

    name: str
    value: str
    query: str


@dataclass(frozen=True)
class SessionFilter:
    """The list's query, as strings; empty is the usual."""

    search: str = ""
    whose: str = ""
    project: str = ""
    purpose: str = ""
    tag: str = ""
    archived: str = ""
    ordering: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> SessionFilter:
        """The filter of an address; what no filter could mean is left out."""
        given = {each.name: query.get(each.name, "").replace("\0", "").strip()[:200] for each in fields(cls)}
        for name, known in (("ordering", SORTS), ("whose", WHOSE), ("archived", ARCHIVED)):
            if given[name] not in dict(known):
                given[name] = ""
        return cls(**given)

    @property
    def query(self) -> str:
        """Itself as an address's query."""
        return urlencode({name: value for name, value in vars(self).items() if value})

    @property
    def narrows(self) -> bool:
        """Whether it leaves anything out that is usually shown."""
        return replace(self, ordering="") != SessionFilter()

    @property
    def wanted(self) -> dict[str, Any]:
        """Itself as the query of GET /api/sessions."""
        names = {"search": self.search, "project_id": self.project, "purpose": self.purpose, "tag": self.tag}
        archived = {"": False, "only": True}.get(self.archived)
        role = {"role": "owner"} if self.whose == "mine" else {}
        chosen = {name: value for name, value in names.items() if value}
        return {**chosen, **role, "archived": archived, "ordering": self.ordering or "-last_executed"}

    def narrowed(self, sessions: Any, user: User) -> Any:
        """What `wanted` cannot say: others' sessions only."""
        return sessions.exclude(user=user) if self.whose == "shared" else sessions

    @property
    def sorts(self) -> list[tuple[str, str, bool]]:
        """The orders, with the present one marked."""
        return [(value, name, value == self.ordering) for value, name in SORTS]

    @property
    def whose_choices(self) -> list[tuple[str, str, bool]]:
        """Mine, shared, both."""
        return [(value, name, value == self.whose) for value, name in WHOSE]

    @property
    def archived_choices(self) -> list[tuple[str, str, bool]]:
        """Whether archived ones are shown."""
        return [(value, name, value == self.archived) for value, name in ARCHIVED]

    @property
    def chips(self) -> list[Chip]:
        """What is set, each with the way to give it up."""
        told = {
            "search": ("Search", self.search),
            "whose": ("Whose", dict(WHOSE)[self.whose]),
            "project": ("Project", self.project),
            "purpose": ("Purpose", self.purpose),
            "tag": ("Tag", self.tag),
            "archived": ("Archive", dict(ARCHIVED)[self.archived]),
        }
        return [Chip(*words, replace(self, **{name: ""}).query) for name, words in told.items() if getattr(self, name)]


@dataclass(frozen=True)
class SessionPage:
    """One page of what was found."""

    rows: list[SessionView]
    count: int
    next_query: str

    @property
    def summary(self) -> str:
        """How much was found."""
        return counted(self.count, "session")


def session_page(found: Any, user: User, wanted: SessionFilter, page: int) -> SessionPage:
    """The page `page` (from 1) of the sessions `found`."""
    first = (page - 1) * PAGE
    listed = list(found.prefetch_related("members__user", "members__team")[first : first + PAGE])
    count = len(listed) if first == 0 and len(listed) < PAGE else found.count()
    unpriced = unpriced_among(listed)
    rows = [SessionView(each, user, unpriced=int(each.id in unpriced)) for each in listed]
    more = f"{wanted.query}&page={page + 1}".lstrip("&") if count > first + PAGE else ""
    return SessionPage(rows, count, more)


def choices(user: User, wanted: SessionFilter) -> dict[str, list[str]]:
    """Projects, purposes and tags that `user` sees sessions of; the chosen ones among them."""
    rows = list(seen_by(user).filter(is_hidden=False).order_by().values_list("project_id", "tags"))
    tags = {tag for row in rows for tag in row[1]}
    found = {
        "projects": {row[0] for row in rows} | {wanted.project},
        "purposes": purposes(user) | {wanted.purpose},
        "tags": tags | {wanted.tag},
    }
    return {name: sorted(values - {""}, key=name_order)[:MOST_CHOICES] for name, values in found.items()}
