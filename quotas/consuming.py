"""What other services tell of money: a limit, which alerts as any other does, and refuses where the event says so."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, Final

from accounts.bearer.identity import user_id_of
from events.intake.consumers import consumes
from events.intake.incoming import Incoming, Unusable
from foundation.problems import Problem
from quotas.ledger.setting import MEASURES, set_limits
from quotas.models import Period, QuotaLimit, SubjectKind

MOST: Final = Decimal(10**9)
HARD: Final = ("hard", "is_hard", "hard_limit", "enforce")


def register() -> None:
    """To be called when the app is ready."""
    consumes("cost.*", _heed)


def _heed(event: Incoming) -> None:
    """The subject's limit of cost in the event's period (a month, if it names none), unless a stricter one is set."""
    if event.value("limit") is None:
        return
    currency = event.text("currency").upper() or "USD"
    if currency != "USD":
        raise Unusable("Its currency is not USD.")
    kind, subject_id = _subject(event)
    period = Period(event.text("period")) if event.text("period") in Period.values else Period.MONTH
    cost, is_hard = _amount(event.value("limit")), any(event.value(name) is True for name in HARD)
    present = {row.period: row for row in QuotaLimit.objects.filter(subject_kind=kind, subject_id=subject_id)}
    mine = present.get(period)
    if mine is not None and mine.cost is not None and mine.cost <= cost and mine.is_hard >= is_hard:
        return
    limits: list[dict[str, Any]] = [
        {"period": row.period, "is_hard": row.is_hard, **{name: getattr(row, name) for name in MEASURES}}
        for row in present.values()
        if row.period != period
    ]
    others = {name: getattr(mine, name) for name in MEASURES} if mine else {}
    stricter = min(cost, mine.cost) if mine is not None and mine.cost is not None else cost
    hard = is_hard or bool(mine and mine.is_hard)
    limits.append({**others, "period": period, "cost": stricter, "is_hard": hard})
    try:
        set_limits(kind=kind, subject_id=subject_id, limits=limits, by=None)
    except Problem:
        raise Unusable("Nobody is called so.") from None


def _subject(event: Incoming) -> tuple[SubjectKind, str]:
    if user := event.text("user_id"):
        return SubjectKind.USER, str(user_id_of(user))
    return SubjectKind.PROJECT, event.needed("project_id")


def _amount(value: Any) -> Decimal:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise Unusable("Its limit is no number.") from None
    if not amount.is_finite() or not 0 <= amount <= MOST:
        raise Unusable("Its limit is no number of dollars.")
    return amount.quantize(Decimal("0.00000001"))
