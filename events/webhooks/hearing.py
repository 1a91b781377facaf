"""Who may have everybody's events told to a webhook of theirs; the app that knows people says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID

from events.models import Webhook
from foundation.problems import Problem

_judges: Final[list[Callable[[UUID], bool]]] = []


def judged_by(judge: Callable[[UUID], bool]) -> None:
    """Has `judge` say whether this person may hear of everybody now; to be called when its app is ready."""
    if judge not in _judges:
        _judges.append(judge)


def may_hear_everybody(person: UUID) -> bool:
    """Nobody may as long as nobody judges."""
    return bool(_judges) and all(judge(person) for judge in _judges)


def refuse_others(person: UUID) -> None:
    """A Problem (403) for who may not."""
    if not may_hear_everybody(person):
        raise Problem(403, "forbidden", "Only administrators have everybody's events told to them.")


def hears_everybody(webhook: Webhook) -> bool:
    """Whether it gets the events of all."""
    return webhook.destination.user_id is None


def is_in_order(webhook: Webhook) -> bool:
    """Whether it may still get what it gets."""
    return not hears_everybody(webhook) or may_hear_everybody(webhook.owner_id)
