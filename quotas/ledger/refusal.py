"""What somebody is told whom a limit does not let in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from foundation.problems import Problem
from foundation.words import number
from quotas.ledger.standing import Amount, Standing, standings_of
from quotas.models import Measure, SubjectKind

WHOSE: Final = {
    SubjectKind.USER: "Your quota",
    SubjectKind.TEAM: "Your team's quota",
    SubjectKind.ORGANISATION: "Your organisation's quota",
    SubjectKind.PROJECT: "The project's quota",
    SubjectKind.TOKEN: "This API token's quota",
    SubjectKind.THROTTLE: "Your use is unlike before and is held back until that is over or dismissed; this throttle",
}


def quota_exceeded(
    *, user_id: UUID, project_id: str, token_id: UUID | None, runs: int, tokens: int, cost: Decimal, now: datetime
) -> Problem:
    """429 `quota_exceeded`, with each limit that has no room for these runs, and when it begins anew.

    `tokens` and `cost` (USD) are what they may need at most. Where there is room by now, they may simply be sent again.
    """
    refused = refusal_of(
        user_id=user_id, project_id=project_id, token_id=token_id, runs=runs, tokens=tokens, cost=cost, now=now
    )
    detail = "A quota had no room for this a moment ago; it has by now."
    return refused or Problem(429, "quota_exceeded", detail, headers={"Retry-After": "1"})


def refusal_of(
    *, user_id: UUID, project_id: str, token_id: UUID | None, runs: int, tokens: int, cost: Decimal, now: datetime
) -> Problem | None:
    """The same, and None where there is room: to be known before it is worth while to ask for it."""
    standings = standings_of(user_id=user_id, project_id=project_id, token_id=token_id)
    short = _short(standings, runs, tokens, cost)
    if not short:
        return None
    sentences = [_sentence(standing, amount, _needed(amount.measure, runs, tokens, cost)) for standing, amount in short]
    # Room comes back with the end of what runs, or with the next period of each limit that is used up.
    waits = [
        (standing.ends_at - now).total_seconds()
        for standing, amount in short
        if amount.limit - amount.used < _needed(amount.measure, runs, tokens, cost)
    ]
    seconds = max(1, int(max(waits, default=1.0)) + 1) if waits else 1
    return Problem(429, "quota_exceeded", " ".join(sentences), headers={"Retry-After": str(seconds)})


def has_room(standings: Iterable[Standing], *, runs: int, tokens: int, cost: Decimal) -> bool:
    """Whether none of these limits keeps out runs that need so much at most."""
    return not _short(standings, runs, tokens, cost)


def _short(standings: Iterable[Standing], runs: int, tokens: int, cost: Decimal) -> list[tuple[Standing, Amount]]:
    return [
        (standing, amount)
        for standing in standings
        if standing.is_hard
        for amount in standing.amounts
        if amount.left < _needed(amount.measure, runs, tokens, cost)
    ]


def _needed(measure: Measure, runs: int, tokens: int, cost: Decimal) -> Decimal:
    return {Measure.EXECUTIONS: Decimal(runs), Measure.TOKENS: Decimal(tokens), Measure.COST: cost}[measure]


def _sentence(standing: Standing, amount: Amount, needed: Decimal) -> str:
    units = {Measure.EXECUTIONS: "execution", Measure.TOKENS: "token", Measure.COST: "USD"}
    is_many = amount.limit != 1 and amount.measure != Measure.COST
    unit = f"{units[amount.measure]}{'s' if is_many else ''}"
    begins = standing.ends_at.strftime("%Y-%m-%d %H:%M UTC")
    beside = f", {_told(amount.reserved)} set aside for what runs" if amount.reserved else ""
    return (
        f"{WHOSE[standing.subject_kind]} of {_told(amount.limit)} {unit} a {standing.period} has {_told(amount.left)}"
        f" left ({_told(amount.used)} used{beside}), and this may need {_told(needed)}. It begins anew at {begins}."
    )


def _told(figure: Decimal) -> str:
    """Without zeros at its end."""
    return number(figure.normalize()) if figure else "0"
