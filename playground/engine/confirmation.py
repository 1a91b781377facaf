"""Calls that may cost more than is spent without asking: whoever asks must say that they mean it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_UP, Decimal
from typing import Any, Final

from django.conf import settings

from foundation.problems import Problem
from foundation.words import number
from playground.engine.preparing import Prepared

MICRO: Final = Decimal("0.000001")


def check_confirmed(prepared: Sequence[Prepared], *, is_confirmed: bool) -> None:
    """`check_cost` of all of these together: the dearest that one attempt at each may come to."""
    if is_confirmed or settings.CONFIRM_COST_ABOVE is None:
        return
    check_cost([(each.record.model_id, each.dearest_cost) for each in prepared], remedy="set a lower max_tokens")


def check_cost(
    by_model: Sequence[tuple[str, Decimal]], *, ceiling: Decimal | None = None, remedy: str = "set a max_cost"
) -> None:
    """402 `cost_confirmation_required` with the `estimate` where models may cost more together than is set (USD).

    More than `ceiling` it cannot come to. A model without a known price costs nothing in it.
    """
    limit: Decimal | None = settings.CONFIRM_COST_ABOVE
    most = sum((cost for _, cost in by_model), Decimal(0))
    if ceiling is not None:
        most = min(most, ceiling)
    if limit is None or most <= limit:
        return
    raise Problem(
        402,
        "cost_confirmation_required",
        f"This may cost up to {_told(most)} USD, more than the {_told(limit)} that are spent without asking."
        f" Send confirm_cost: true to have it run, or {remedy}.",
        estimate={
            "currency": "USD",
            "most": float(most),
            "confirm_above": float(limit),
            "models": [{"model_id": model_id, "most": float(cost)} for model_id, cost in by_model],
        },
    )


def estimate_of(problem: Problem | None) -> Mapping[str, Any] | None:
    """What is to be confirmed, for a page that asks; None where the problem is another, or none."""
    return problem.extra.get("estimate") if problem else None


def _told(amount: Decimal) -> str:
    return number(amount.quantize(MICRO, ROUND_UP).normalize()) if amount else "0"
