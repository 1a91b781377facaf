"""Whose events a webhook gets, and whether it still may: the app that knows people and teams says so.

A person's own can be taken from nobody. Everybody's are for administrators, a team's for its managers, for as long as
they are that. A team's destination bears the team's id in the place of a person's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID

from events.models import Webhook
from foundation.problems import Problem

ENDED_FOR_EVERYBODY: Final = "Its owner may no longer hear of everybody."
ENDED_FOR_TEAM: Final = "Its owner no longer manages the team."
_judges: Final[list[Callable[[UUID], bool]]] = []
_judges_of_teams: Final[list[Callable[[UUID, UUID], bool]]] = []


def judged_by(judge: Callable[[UUID], bool], *, of_teams: Callable[[UUID, UUID], bool]) -> None:
    """Has `judge` say whether this person may hear of everybody now, and `of_teams` whether they (first) may hear of
    this team; to be called when its app is ready.
    """
    if judge not in _judges:
        _judges.append(judge)
    if of_teams not in _judges_of_teams:
        _judges_of_teams.append(of_teams)


def may_hear(person: UUID, heard: UUID | None) -> bool:
    """`heard`: whose events, as a destination has it; nobody's but one's own as long as nobody judges."""
    if heard == person:
        return True
    if heard is None:
        return bool(_judges) and all(judge(person) for judge in _judges)
    return bool(_judges_of_teams) and all(judge(person, heard) for judge in _judges_of_teams)


def refuse(person: UUID, heard: UUID | None) -> None:
    """A Problem (403) for who may not; whether there is such a team is not told."""
    if may_hear(person, heard):
        return
    if heard is None:
        raise Problem(403, "forbidden", "Only administrators have everybody's events told to them.")
    raise Problem(403, "forbidden", "Only managers of the team have its events told to them.")


def team_of(webhook: Webhook) -> UUID | None:
    """The team whose events it gets; None of one that gets its owner's own, or everybody's."""
    heard = webhook.destination.user_id
    return None if heard == webhook.owner_id else heard


def why_ended(webhook: Webhook) -> str:
    """Why it may get no more of what it gets; empty while it may."""
    heard = webhook.destination.user_id
    if may_hear(webhook.owner_id, heard):
        return ""
    return ENDED_FOR_EVERYBODY if heard is None else ENDED_FOR_TEAM
