"""What a call of a split came to, from 0 to 1."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from evaluation_app.sampled.sample import sample_of
from evaluation_app.scorers.judging import Check, checks_of, judge
from foundation.sealing.encryption import CannotDecrypt, StoreAway
from playground.models import ExecutionRating, PromptExecution, Status
from templates_app.models import Measure, TemplateSplit

logger = logging.getLogger(__name__)
SETTLED_AFTER: Final = {
    Measure.SUCCESS: timedelta(seconds=10),
    Measure.SCORES: timedelta(seconds=10),
    Measure.RATING: timedelta(hours=1),
}
"""How long after its beginning a call is looked at: other processes' rows are there then, and most ratings."""
HIGHEST_RATING: Final = 5
AT_ONCE: Final = {Measure.SUCCESS: 1000, Measure.SCORES: 100, Measure.RATING: 1000}
"""Calls that are looked at together: an answer takes time to judge."""
THUMBS: Final = {"up": 1.0, "down": 0.0}


def outcomes_of(split: TemplateSplit, calls: Sequence[Any]) -> dict[UUID, float]:
    """By the id of ended executions; what says nothing of the version is left out: cancelled, rated by nobody, or such
    that no scorer could judge it.
    """
    told = [call for call in calls if call["status"] != Status.CANCELLED]
    if split.measure == Measure.RATING:
        return _ratings([call["id"] for call in calls])
    if split.measure == Measure.SCORES:
        return _scores(told, checks_of(split.scorers))
    return {call["id"]: _success(call) for call in told}


def _success(call: Any) -> float:
    """An answer came, and it fits the schema where one was asked for."""
    return float(call["status"] == Status.COMPLETED and call["metadata"].get("schema_valid") is not False)


def _scores(calls: Sequence[Any], checks: Sequence[Check]) -> dict[UUID, float]:
    """Whether the answer passes what the scorers require; a call without an answer does not."""
    found = {call["id"]: 0.0 for call in calls if call["status"] != Status.COMPLETED}
    answered = [call["id"] for call in calls if call["status"] == Status.COMPLETED]
    for call in PromptExecution.objects.filter(id__in=answered):
        passed = _passed(call, checks)
        if passed is not None:
            found[call.id] = float(passed)
    return found


def _passed(call: PromptExecution, checks: Sequence[Check]) -> bool | None:
    try:
        return judge(checks, sample_of(call, checks)).passed
    except StoreAway:
        raise
    except CannotDecrypt as error:
        logger.warning("answer_not_judged", extra={"execution_id": str(call.id), "reason": type(error).__name__})
        return None


def _ratings(ids: Sequence[UUID]) -> dict[UUID, float]:
    """The mean of what people say of each: a thumb, or one to five stars."""
    said: dict[UUID, list[float]] = {}
    for execution_id, value, thumb in ExecutionRating.objects.filter(execution__in=ids).values_list(
        "execution_id", "value", "thumb"
    ):
        score = THUMBS[thumb] if value is None else (value - 1) / (HIGHEST_RATING - 1)
        said.setdefault(execution_id, []).append(score)
    return {execution_id: sum(scores) / len(scores) for execution_id, scores in said.items()}
