"""A session as lists and its own page show it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Sum, prefetch_related_objects

from accounts.models import User
from foundation.presentation.words import NOTHING, cost_note, cost_of
from foundation.words import age, counted, number
from playground.models import PromptExecution
from sessions_app.holders import holder_of
from sessions_app.lookup import role_in
from sessions_app.models import PlaygroundSession

NAMES_SHOWN = 3


class SessionView:
    """A session (out of `lookup.seen_by`), for somebody who may see it."""

    def __init__(self, session: Any, user: User, *, unpriced: int = 0) -> None:
        self.session: PlaygroundSession = session
        self.id: UUID = session.id
        self.name: str = session.name
        self.role = role_in(session, user)
        self.is_mine = self.role == "owner"
        self.is_hidden = self.session.is_hidden
        self.may_govern = self.is_mine and not self.is_hidden
        self.may_change = self.role != "viewer" and not self.is_hidden
        self.may_run = self.may_change and session.archived_at is None
        self.runs = number(session.execution_count)
        self.cost = cost_of(session.total_cost, unpriced=unpriced) if session.execution_count else NOTHING
        self.cost_note = cost_note(session.total_cost, unpriced=unpriced)
        self.last_run = age(session.last_executed) if session.last_executed else "never"
        self.holder = holder_of(self.session) if self.is_hidden else None
        self._user_id = user.id
        self._members_count: int = session.members_count

    @property
    def members(self) -> str:
        """How many it is shared with, people and teams alike."""
        if self._members_count == 1:
            return self.member_names[0]
        return number(self._members_count) if self._members_count else "only you" if self.is_mine else NOTHING

    @property
    def member_names(self) -> list[str]:
        """Whom it is shared with; asks the database unless they were fetched along."""
        members = self.session.members.all() if self._members_count else ()
        return ["you" if each.user_id == self._user_id else str(each.user or each.team) for each in members]

    @property
    def shared_with(self) -> str:
        """The first of them, and how many more."""
        names = self.member_names
        more = len(names) - NAMES_SHOWN
        return ", ".join(names[:NAMES_SHOWN]) + (f" and {counted(more, 'other')}" if more > 0 else "")


def unpriced_among(sessions: Iterable[Any]) -> set[UUID]:
    """Those of a list's sessions whose last run had no known price, and that seem to have cost nothing."""
    free = [each for each in sessions if each.execution_count and not each.total_cost]
    return {each.id for each in free if _last_is_unpriced(each)}


def _last_is_unpriced(session: Any) -> bool:
    rows = PromptExecution.objects.filter(session=session).order_by("-created_at", "-id")
    return rows.values_list("metadata__price_known", flat=True).first() is False


def _count(session: PlaygroundSession) -> None:
    """Sets the figures of a hidden session, whose counters runs of tests do not move."""
    ended = PromptExecution.objects.filter(session=session, ended_at__isnull=False)
    found = ended.aggregate(runs=Count("id"), cost=Sum("estimated_cost"), last=Max("ended_at"))
    session.execution_count, session.last_executed = found["runs"], found["last"]
    session.total_cost = found["cost"] or Decimal(0)


def head_of(session: Any, user: User, unpriced: int) -> SessionView:
    """The session for the top of its own page; so many of its last runs had no known price."""
    if session.is_hidden:
        _count(session)
    if session.members_count:
        prefetch_related_objects([session], "members__user", "members__team")
    return SessionView(session, user, unpriced=unpriced)
