"""Runs that a bill is laid beside."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from playground.engine import lifecycle
from playground.models import PromptExecution, Status
from sessions_app.models import PlaygroundSession
from tests.cast import new_user

INPUT, CACHED, OUTPUT = Decimal("0.000002"), Decimal("0.000001"), Decimal("0.00001")
"""USD a token."""


def session() -> PlaygroundSession:
    """A new user's."""
    return PlaygroundSession.objects.default_of(new_user())


def run(
    place: PlaygroundSession,
    model_id: str,
    at: str,
    *,
    prompt: int = 1000,
    cached: int = 0,
    completion: int = 100,
    answered: str = "",
    is_priced: bool = True,
    **fields: Any,
) -> PromptExecution:
    """A run that was billed by the prices above."""
    created = datetime.fromisoformat(at)
    fresh = prompt - cached
    parts = (("input", fresh, INPUT), ("cache_read", cached, CACHED), ("output", completion, OUTPUT))
    lines = [
        {
            "item": item,
            "quantity": quantity,
            "unit_price_per_million": str(price * 10**6),
            "cost": f"{quantity * price:f}",
        }
        for item, quantity, price in parts
        if quantity and is_priced
    ]
    given: dict[str, Any] = {
        "status": Status.COMPLETED,
        "estimated_cost": sum((Decimal(str(line["cost"])) for line in lines), Decimal(0)),
        "metadata": {"cached": False, **({"answered_model": answered} if answered else {})},
        "ended_at": created + timedelta(seconds=3),
    }
    made = PromptExecution.objects.create(
        session=place, user_id=place.user_id, model_id=model_id, request={"prompt": "x"}, created_at=created,
        prompt_tokens=prompt, completion_tokens=completion,
        billing={"details": {"cache_read_tokens": cached}, "lines": lines},
        **{**given, **fields},
    )  # fmt: skip
    lifecycle.keep([made.id])
    return made
