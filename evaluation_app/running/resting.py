"""Tests that rest for a quota go on by themselves: with the next period, or once somebody allows more."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from evaluation_app import lifecycle
from evaluation_app.models import Control, EvaluationTest, TestStatus
from quotas.ledger.refusal import refusal_of

MOST_AT_ONCE: Final = 50
"""In one look; those that are left are as likely to be in the next."""


def wake(*, now: datetime) -> int:
    """Lets go on whose quotas have room for what there was none for; how many."""
    unfinished = EvaluationTest.objects.filter(status__in=(TestStatus.RUNNING, TestStatus.PAUSED))
    resting = unfinished.filter(control=Control.PAUSE, pause_reason=lifecycle.QUOTA)
    woken = 0
    for test in resting.order_by("?")[:MOST_AT_ONCE]:
        refusal = refusal_of(
            user_id=test.user_id,
            project_id=test.policy.get("project_id", ""),
            token_id=test.token_id,
            runs=1,
            tokens=test.needed_tokens or 0,
            cost=test.needed_cost or Decimal(0),
            now=now,
        )
        if refusal is None:
            woken += lifecycle.wake(test)
    return woken
