"""Calls that may cost more than is spent without asking: whoever asks must say that they mean it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.conf import settings

from foundation.problems import Problem
from playground.engine.start import Prepared


def check_confirmed(prepared: Sequence[Prepared], *, is_confirmed: bool) -> None:
    """402 `cost_confirmation_required` with the `estimate` where all of these together may cost more than is set.

    The estimate is the dearest that one attempt at each may come to; a model without a known price costs nothing in it.
    """
    limit: Decimal | None = settings.CONFIRM_COST_ABOVE
    if is_confirmed or limit is None:
        return
    most = sum((each.dearest_cost for each in prepared), Decimal(0))
    if most <= limit:
        return
    raise Problem(
        402,
        "cost_confirmation_required",
        f"This may cost up to {_told(most)} USD, more than the {_told(limit)} that are spent without asking."
        " Send confirm_cost: true to have it run, or set a lower max_tokens.",
        estimate={
            "currency": "USD",
            "most": float(most),
            "confirm_above": float(limit),
            "models": [{"model_id": each.record.model_id, "most": float(each.dearest_cost)} for each in prepared],
        },
    )


def _told(amount: Decimal) -> str:
    return f"{amount.normalize():f}" if amount else "0"
