"""How people want to be told of which kinds: in the page, by mail, both or not at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from events.models import Kind, NotificationPreference


@dataclass(frozen=True, slots=True)
class Way:
    """How somebody is told."""

    page: bool
    mail: bool


AT_FIRST: Final = Way(page=True, mail=False)
NOT_AT_ALL: Final = Way(page=False, mail=False)
AT_FIRST_OF: Final = {Kind.WEEKLY_REPORT: NOT_AT_ALL}
"""Kinds that nobody is told of who has not asked for them."""
MAILED_APART: Final = frozenset({Kind.WEEKLY_REPORT})
"""Kinds whose mail is a message of its own, sent by the app whose kind it is."""


def ways(kind: Kind, people: Collection[UUID]) -> dict[UUID, Way]:
    """How each of them is told of this kind."""
    rows = NotificationPreference.objects.filter(kind=kind, user_id__in=people)
    chosen = {each.user_id: Way(each.page, each.mail) for each in rows}
    at_first = AT_FIRST_OF.get(kind, AT_FIRST)
    return {each: chosen.get(each, at_first) for each in people}


def of(user_id: UUID) -> dict[Kind, Way]:
    """How this person is told of every kind, in the order in which people are asked."""
    rows = NotificationPreference.objects.filter(user_id=user_id)
    chosen = {each.kind: Way(each.page, each.mail) for each in rows}
    return {kind: chosen.get(kind, AT_FIRST_OF.get(kind, AT_FIRST)) for kind in Kind}


def who_want(kind: Kind) -> dict[UUID, Way]:
    """Everybody who has asked to be told of it, and how."""
    rows = NotificationPreference.objects.filter(kind=kind).exclude(page=False, mail=False).order_by("user_id")
    return {each.user_id: Way(each.page, each.mail) for each in rows}


def choose(user_id: UUID, chosen: Mapping[Kind, Way]) -> None:
    """Kinds that are not named stay as they are; what was written before is not changed."""
    NotificationPreference.objects.bulk_create(
        [
            NotificationPreference(user_id=user_id, kind=kind, page=way.page, mail=way.mail)
            for kind, way in chosen.items()
        ],
        update_conflicts=True,
        unique_fields=["user_id", "kind"],
        update_fields=["page", "mail"],
    )
