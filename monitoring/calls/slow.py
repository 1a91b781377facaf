"""The slowest calls of a day, and where the time of each model went; figures and names of models, never texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from accounts.models import User
from monitoring.bounded import bounded
from playground.models import PromptExecution
from playground.usage.sketch import percentiles

WINDOW: Final = timedelta(hours=24)
SHARES: Final = (0.5, 0.95, 0.99)
MOST_MODELS: Final = 100
ENOUGH_FOR: Final = {"p50": 1, "p95": 20, "p99": 100}
"""Runs below which a percentile is only the slowest one."""

_CALLS: Final = """
FROM execution_usage WHERE began_at >= %s AND began_at < %s AND latency IS NOT NULL AND NOT is_copy AND NOT is_cached
AND origin <> 'trace'
"""
"""Completed ones that asked a provider."""
_SLOWEST: Final = f"""
SELECT execution_id, began_at, model_id, origin, latency, first_token, completion_tokens {_CALLS}
ORDER BY latency DESC, execution_id LIMIT %s
"""
_BY_MODEL: Final = f"""
SELECT model_id, latency_bucket, first_token_bucket, count(*), sum(latency) FILTER (WHERE first_token IS NOT NULL),
    sum(first_token) {_CALLS}
GROUP BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class SlowCall:
    """One call; times are seconds."""

    execution_id: UUID
    began_at: datetime
    model_id: str
    origin: str
    duration: float
    first_token: float | None
    """None: it did not stream."""
    waited: float | None
    """Of the duration, before the attempt that answered: places, rests, attempts in vain. None: it is not known."""
    attempts: int | None
    completion_tokens: int
    is_visible: bool
    """Whether who asks may see the run."""

    @property
    def answering(self) -> float | None:
        """Of the duration, the attempt that answered."""
        return None if self.waited is None else self.duration - self.waited


@dataclass(slots=True)
class ModelTimes:
    """What the completed calls of one model took; milliseconds by bucket (`playground.usage.sketch`)."""

    model_id: str
    latency: Counter[int] = field(default_factory=Counter)
    first_token: Counter[int] = field(default_factory=Counter)
    streamed: int = 0
    """Milliseconds of calls that streamed, from their start to their end."""
    before_first: int = 0
    """Of them, before the first token."""

    @property
    def n(self) -> int:
        """Calls."""
        return sum(self.latency.values())

    @property
    def share_before_first(self) -> float | None:
        """Of the time of calls that streamed, before their first token; None where none did."""
        return self.before_first / self.streamed if self.streamed else None

    def percentiles(self, of: str) -> dict[str, float | None]:
        """Seconds of `latency` or `first_token` by p50, p95, p99, 2 % off at most; None of too few calls."""
        counts: Counter[int] = getattr(self, of)
        n, found = sum(counts.values()), percentiles(counts, SHARES)
        return {
            name: found[at] / 1000 if found and n >= least else None
            for at, (name, least) in enumerate(ENOUGH_FOR.items())
        }


def slowest(*, viewer: User, now: datetime, limit: int) -> list[SlowCall]:
    """Those that began in the last 24 hours, the slowest first. A Problem (503) where they are too many."""
    with bounded() as cursor:
        cursor.execute(_SLOWEST, [now - WINDOW, now, limit])
        rows = cursor.fetchall()
    ids = {row[0] for row in rows}
    noted = dict(PromptExecution.objects.filter(id__in=ids).values_list("id", "metadata"))
    visible = PromptExecution.objects.seen_by(viewer, ids)
    return [_call(row, noted.get(row[0], {}), is_visible=row[0] in visible) for row in rows]


def _call(row: Sequence[Any], noted: dict[str, Any], *, is_visible: bool) -> SlowCall:
    execution_id, began_at, model_id, origin, latency, first_token, tokens = row
    answering, attempts = noted.get("answer_time"), noted.get("attempts")
    is_told = isinstance(answering, (int, float)) and answering * 1000 <= latency
    return SlowCall(
        execution_id=execution_id,
        began_at=began_at,
        model_id=model_id,
        origin=origin,
        duration=latency / 1000,
        first_token=None if first_token is None else first_token / 1000,
        waited=round(latency / 1000 - answering, 3) if is_told else None,
        attempts=len(attempts) if isinstance(attempts, list) else attempts if isinstance(attempts, int) else None,
        completion_tokens=tokens,
        is_visible=is_visible,
    )


def times_by_model(*, now: datetime) -> list[ModelTimes]:
    """Of the last 24 hours, the model with the most calls first. A Problem (503) where they are too many."""
    with bounded() as cursor:
        cursor.execute(_BY_MODEL, [now - WINDOW, now])
        rows = cursor.fetchall()
    found: dict[str, ModelTimes] = {}
    for model_id, latency, first_token, count, streamed, before_first in rows:
        times = found.setdefault(model_id, ModelTimes(model_id))
        times.latency[latency] += count
        if first_token is not None:
            times.first_token[first_token] += count
            times.streamed += int(streamed or 0)
            times.before_first += int(before_first or 0)
    return sorted(found.values(), key=lambda times: (-times.n, times.model_id))[:MOST_MODELS]
