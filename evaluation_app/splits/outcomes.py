"""What a call of a split came to, from 0 to 1."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from playground.models import ExecutionRating, Status
from templates_app.models import Measure

SETTLED_AFTER: Final = {Measure.SUCCESS: timedelta(seconds=10), Measure.RATING: timedelta(hours=1)}
"""How long after its beginning a call is looked at: other processes' rows are there then, and most ratings."""
HIGHEST_RATING: Final = 5
THUMBS: Final = {"up": 1.0, "down": 0.0}


def outcomes_of(measure: Measure, calls: Sequence[Any]) -> dict[UUID, float]:
    """By the id of ended executions; what says nothing of the version is left out: cancelled, or rated by nobody."""
    if measure == Measure.RATING:
        return _ratings([call["id"] for call in calls])
    return {call["id"]: _success(call) for call in calls if call["status"] != Status.CANCELLED}


def _success(call: Any) -> float:
    """An answer came, and it fits the schema where one was asked for."""
    return float(call["status"] == Status.COMPLETED and call["metadata"].get("schema_valid") is not False)


def _ratings(ids: Sequence[UUID]) -> dict[UUID, float]:
    """The mean of what people say of each: a thumb, or one to five stars."""
    said: dict[UUID, list[float]] = {}
    for execution_id, value, thumb in ExecutionRating.objects.filter(execution__in=ids).values_list(
        "execution_id", "value", "thumb"
    ):
        score = THUMBS[thumb] if value is None else (value - 1) / (HIGHEST_RATING - 1)
        said.setdefault(execution_id, []).append(score)
    return {execution_id: sum(scores) / len(scores) for execution_id, scores in said.items()}
