"""Comments and ratings of one run, as its thread shows them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from accounts.models import User
from foundation.presentation.rating import thumbs
from foundation.words import age
from sessions_app.models import PlaygroundSession

NAMED: Final = re.compile(r"((?<![\w.])@\w(?:[\w.+-]{0,62}\w)?(?:@[\w.-]{0,189}\w)?)")
MOST_OFFERED: Final = 12


class Stretch(NamedTuple):
    """Part of a comment; somebody's name, or not."""

    text: str
    is_name: bool


@dataclass(frozen=True)
class CommentView:
    """A comment as `viewer` sees it; `comment` is the API's JSON."""

    comment: Mapping[str, Any]
    viewer_id: UUID
    owner_id: UUID
    names: frozenset[str] = frozenset()
    """User names and e-mail addresses, in small letters, that are marked where the text names them."""

    @property
    def id(self) -> UUID:
        """The comment's."""
        found: UUID = self.comment["id"]
        return found

    @property
    def author(self) -> str:
        """Who wrote it."""
        return _named(self.comment["author"], self.viewer_id)

    @property
    def text(self) -> str:
        """As it was written."""
        return str(self.comment["text"])

    @property
    def stretches(self) -> list[Stretch]:
        """The text with the names apart that mean somebody who may read it."""
        parts = NAMED.split(self.text)
        return [Stretch(part, part[1:].lower() in self.names) for part in parts if part]

    @property
    def reaches(self) -> str:
        """Whom it names."""
        return ", ".join(each["name"] for each in self.comment["mentions"])

    @property
    def created_at(self) -> datetime:
        """When it was written."""
        found: datetime = self.comment["created_at"]
        return found

    @property
    def age(self) -> str:
        """How long ago, and whether it has been changed since."""
        return f"{age(self.created_at)}{', edited' if self.comment['edited_at'] else ''}"

    @property
    def may_change(self) -> bool:
        """Whether it is the viewer's own."""
        return bool(self.comment["author"]["id"] == self.viewer_id)

    @property
    def may_remove(self) -> bool:
        """One's own, or any in one's own session."""
        return self.may_change or self.owner_id == self.viewer_id


def comment_views(comments: Iterable[Mapping[str, Any]], viewer: User, owner_id: UUID) -> list[CommentView]:
    """The comments as `viewer` sees them; `comments` is the API's JSON."""
    listed = list(comments)
    named = User.objects.filter(id__in={each["id"] for comment in listed for each in comment["mentions"]})
    names = frozenset(name.lower() for person in named for name in (person.username, person.email) if name)
    return [CommentView(each, viewer.id, owner_id, names) for each in listed]


@dataclass(frozen=True)
class RatingLine:
    """Somebody's rating."""

    name: str
    judgement: str
    note: str

    @classmethod
    def of(cls, ratings: Iterable[Any], viewer_id: UUID) -> list[RatingLine]:
        """One line a rating."""
        return [
            cls(
                _named(each.person, viewer_id),
                _said(each.value, each.thumb),
                str(each.sealed or ""),
            )
            for each in ratings
        ]


def _said(value: int | None, thumb: str) -> str:
    if value:
        return f"{value} of 5"
    return "".join(choice.words.lower() for choice in thumbs(thumb) if choice.is_mine)


def _named(person: Mapping[str, Any], viewer_id: UUID) -> str:
    name = "You" if person["id"] == viewer_id else str(person["name"])
    return f"{name} (imported)" if person.get("imported") else name


def mentionable(session: PlaygroundSession, viewer: User) -> list[tuple[str, str]]:
    """User name and name of some people who may read the session, the viewer aside."""
    rows = session.members.select_related("user", "team").prefetch_related("team__members")
    people: dict[UUID, User] = {session.user_id: session.user}
    for row in rows[:MOST_OFFERED]:
        for person in [row.user] if row.user else row.team.members.all()[:MOST_OFFERED] if row.team else []:
            people[person.id] = person
    people.pop(viewer.id, None)
    return [(person.username, str(person)) for person in people.values()][:MOST_OFFERED]
